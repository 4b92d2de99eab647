//! Operations on the cooperative and its dated facts.

use chrono::NaiveDate;
use entity::organisation_text;
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::{
    facts::{Facts, facts},
    identity::{
        BankAccount, BankAccountOut, Declaration, DeclarationOut, LegalIdentity, LegalIdentityOut, NewBankAccount,
        NewDeclaration, NewLegalIdentity, NewQualityCertificate, NewVatAttestation, QualityCertificate,
        QualityCertificateOut, VatAttestation, VatAttestationOut,
    },
    letterhead::{self, LetterheadOut, NewLetterhead},
    people::{NewReferent, NewSignatory, Referent, ReferentOut, SignatoryFact, SignatoryOut},
    settings::{ROW, Rules, Settings, SettingsOut, settings},
    text::{NewOrganisationText, OrganisationTextOut, Text, TextKind, publish},
};
use crate::{
    api::Tag,
    platform::{
        access::Allow,
        answer::{Found, Made, View},
        contract::{Patch, Valid},
        error::Result,
        page::{Page, PageQuery},
        permission::{OrganisationManage, OrganisationRead},
        resource::{self, place},
    },
};

/// The cooperative, its texts and what is in force.
pub struct OrganisationApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Organisation")]
impl OrganisationApi {
    /// Read the cooperative's rules.
    #[oai(path = "/organisation", method = "get", operation_id = "get_organisation")]
    async fn get_organisation(&self, auth: Allow<OrganisationRead>) -> Result<Found<SettingsOut>> {
        Ok(Found(settings(&auth.ctx.scope()).await?.try_into()?))
    }

    /// Change the cooperative's rules: what is absent stays.
    #[oai(path = "/organisation", method = "patch", operation_id = "change_organisation")]
    async fn change_organisation(
        &self,
        mut auth: Allow<OrganisationManage>,
        body: Patch<Settings>,
    ) -> Result<Found<SettingsOut>> {
        Ok(Found(resource::change::<Rules>(&mut auth.ctx, ROW, &body).await?.try_into()?))
    }

    /// Read the cooperative's letterhead: what dresses papers where an activity says nothing of its own.
    #[oai(path = "/organisation/letterhead", method = "get", operation_id = "get_organisation_letterhead")]
    async fn get_organisation_letterhead(&self, auth: Allow<OrganisationRead>) -> Result<Found<LetterheadOut>> {
        Ok(Found(settings(&auth.ctx.scope()).await?.into()))
    }

    /// Change the cooperative's letterhead: what is absent stays, what is null goes; papers issued before keep theirs.
    #[oai(path = "/organisation/letterhead", method = "patch", operation_id = "change_organisation_letterhead")]
    async fn change_organisation_letterhead(
        &self,
        mut auth: Allow<OrganisationManage>,
        body: Patch<NewLetterhead>,
    ) -> Result<Found<LetterheadOut>> {
        Ok(Found(letterhead::change(&mut auth.ctx, &body).await?.into()))
    }

    /// Read what is in force on a day, today when none is named, and what looks wrong.
    #[oai(path = "/organisation/facts", method = "get", operation_id = "get_organisation_facts")]
    async fn get_organisation_facts(
        &self,
        auth: Allow<OrganisationRead>,
        on: Query<Option<NaiveDate>>,
    ) -> Result<View<Facts>> {
        let day = on.0.unwrap_or_else(|| auth.ctx.today());
        Ok(View(facts(&auth.ctx.scope(), day).await?))
    }

    /// List the published texts, newest first, without their body.
    #[oai(path = "/organisation/texts", method = "get", operation_id = "list_organisation_texts")]
    async fn list_organisation_texts(
        &self,
        auth: Allow<OrganisationRead>,
        kind: Query<Option<TextKind>>,
        page: PageQuery,
    ) -> Result<View<Page<OrganisationTextOut>>> {
        let of_kind = kind.0.map(|kind| organisation_text::Column::Kind.eq(kind.name()));
        let query = auth.ctx.scope().find::<organisation_text::Entity>().filter_some(of_kind);
        Ok(View(query.page(&page, OrganisationTextOut::short).await?))
    }

    /// Publish an edition of a text; the previous one ends the day before (art. L6352-3, L6353-8).
    #[oai(path = "/organisation/texts", method = "post", operation_id = "create_organisation_text")]
    async fn create_organisation_text(
        &self,
        mut auth: Allow<OrganisationManage>,
        body: Valid<NewOrganisationText>,
    ) -> Result<Made<OrganisationTextOut>> {
        let row = publish(&mut auth.ctx, body.0).await?;
        Ok(Made(place::<Text>(row.id), row.into()))
    }

    /// Read an edition of a text.
    #[oai(path = "/organisation/texts/:id", method = "get", operation_id = "get_organisation_text")]
    async fn get_organisation_text(
        &self,
        auth: Allow<OrganisationRead>,
        id: Path<Uuid>,
    ) -> Result<Found<OrganisationTextOut>> {
        Ok(Found(auth.ctx.scope().get::<organisation_text::Entity>(id.0).await?.into()))
    }

    /// Change the title or the days of an edition; its content never changes once published.
    #[oai(path = "/organisation/texts/:id", method = "patch", operation_id = "change_organisation_text")]
    async fn change_organisation_text(
        &self,
        mut auth: Allow<OrganisationManage>,
        id: Path<Uuid>,
        body: Patch<NewOrganisationText>,
    ) -> Result<Found<OrganisationTextOut>> {
        Ok(Found(resource::change::<Text>(&mut auth.ctx, id.0, &body).await?.into()))
    }
}

/// The four operations of a dated fact: it is ended by `valid_to`, never deleted.
macro_rules! operations {
    (
        $api:ident: $fact:ident, $input:ident -> $out:ident at $path:tt $one:tt;
        $list:ident $list_id:tt $list_doc:tt;
        $create:ident $create_id:tt $create_doc:tt;
        $get:ident $get_id:tt $get_doc:tt;
        $change:ident $change_id:tt $change_doc:tt;
    ) => {
        #[doc = $list_doc]
        pub struct $api;

        #[OpenApi(prefix_path = "/v1/organisation", tag = "Tag::Organisation")]
        impl $api {
            #[doc = $list_doc]
            #[oai(path = $path, method = "get", operation_id = $list_id)]
            async fn $list(&self, auth: Allow<OrganisationRead>, page: PageQuery) -> Result<View<Page<$out>>> {
                let query = auth.ctx.scope().find::<<$fact as resource::Resource>::Table>();
                Ok(View(query.page(&page, $out::from).await?))
            }

            #[doc = $create_doc]
            #[oai(path = $path, method = "post", operation_id = $create_id)]
            async fn $create(&self, mut auth: Allow<OrganisationManage>, body: Valid<$input>) -> Result<Made<$out>> {
                let row = resource::create::<$fact>(&mut auth.ctx, body.0).await?;
                Ok(Made(place::<$fact>(row.id), row.into()))
            }

            #[doc = $get_doc]
            #[oai(path = $one, method = "get", operation_id = $get_id)]
            async fn $get(&self, auth: Allow<OrganisationRead>, id: Path<Uuid>) -> Result<Found<$out>> {
                Ok(Found(auth.ctx.scope().get::<<$fact as resource::Resource>::Table>(id.0).await?.into()))
            }

            #[doc = $change_doc]
            #[oai(path = $one, method = "patch", operation_id = $change_id)]
            async fn $change(
                &self,
                mut auth: Allow<OrganisationManage>,
                id: Path<Uuid>,
                body: Patch<$input>,
            ) -> Result<Found<$out>> {
                Ok(Found(resource::change::<$fact>(&mut auth.ctx, id.0, &body).await?.into()))
            }
        }
    };
}

operations! {
    LegalIdentitiesApi: LegalIdentity, NewLegalIdentity -> LegalIdentityOut at "/legal-identities" "/legal-identities/:id";
    list_legal_identities "list_legal_identities" "List who the training body was and is, newest first.";
    create_legal_identity "create_legal_identity" "Say who the training body is from a day; overlapping periods are refused.";
    get_legal_identity "get_legal_identity" "Read who the training body was or is.";
    change_legal_identity "change_legal_identity" "Correct a legal identity, or end it by its last day.";
}

operations! {
    DeclarationsApi: Declaration, NewDeclaration -> DeclarationOut at "/declarations" "/declarations/:id";
    list_declarations "list_declarations" "List the declarations of activity, newest first.";
    create_declaration "create_declaration" "Write down a declaration of activity (NDA, art. L6351-1).";
    get_declaration "get_declaration" "Read a declaration of activity.";
    change_declaration "change_declaration" "Correct a declaration of activity, or end it by its last day.";
}

operations! {
    VatAttestationsApi: VatAttestation, NewVatAttestation -> VatAttestationOut at "/vat-attestations" "/vat-attestations/:id";
    list_vat_attestations "list_vat_attestations" "List the VAT attestations, newest first.";
    create_vat_attestation "create_vat_attestation" "Say whether training is exempt from VAT from a day (CGI art. 261-4-4° a).";
    get_vat_attestation "get_vat_attestation" "Read a VAT attestation.";
    change_vat_attestation "change_vat_attestation" "Correct a VAT attestation, or end it by its last day.";
}

operations! {
    QualityCertificatesApi: QualityCertificate, NewQualityCertificate -> QualityCertificateOut at "/quality-certificates" "/quality-certificates/:id";
    list_quality_certificates "list_quality_certificates" "List the Qualiopi certificates, newest first.";
    create_quality_certificate "create_quality_certificate" "Write down a Qualiopi certificate (art. L6316-1).";
    get_quality_certificate "get_quality_certificate" "Read a Qualiopi certificate.";
    change_quality_certificate "change_quality_certificate" "Correct a Qualiopi certificate, or end it by its last day.";
}

operations! {
    SignatoriesApi: SignatoryFact, NewSignatory -> SignatoryOut at "/signatories" "/signatories/:id";
    list_signatories "list_signatories" "List who may sign for the cooperative, newest first.";
    create_signatory "create_signatory" "Let somebody sign for the cooperative: kinds of paper, highest amount, days.";
    get_signatory "get_signatory" "Read a delegation to sign.";
    change_signatory "change_signatory" "Correct a delegation to sign, or end it by its last day.";
}

operations! {
    ReferentsApi: Referent, NewReferent -> ReferentOut at "/referents" "/referents/:id";
    list_referents "list_referents" "List the named contacts, newest first.";
    create_referent "create_referent" "Name the contact of a role from a day.";
    get_referent "get_referent" "Read a named contact.";
    change_referent "change_referent" "Correct a named contact, or end it by its last day.";
}

operations! {
    BankAccountsApi: BankAccount, NewBankAccount -> BankAccountOut at "/bank-accounts" "/bank-accounts/:id";
    list_bank_accounts "list_bank_accounts" "List the bank accounts, newest first.";
    create_bank_account "create_bank_account" "Say where the cooperative is paid from a day.";
    get_bank_account "get_bank_account" "Read a bank account.";
    change_bank_account "change_bank_account" "Correct a bank account, or end it by its last day.";
}

/// All of them.
pub fn apis() -> impl OpenApi {
    (
        OrganisationApi,
        LegalIdentitiesApi,
        DeclarationsApi,
        VatAttestationsApi,
        QualityCertificatesApi,
        SignatoriesApi,
        ReferentsApi,
        BankAccountsApi,
    )
}
