//! One client: who it is by law, where it is, who funds its trainings.

use chrono::NaiveDate;
use entity::client::{ActiveModel, Column, Entity, Model};
use poem_openapi::Object;
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::{contact::ContactOut, events::Event, rules};
use crate::{
    platform::{
        access::Ctx,
        answer::Versioned,
        check,
        codes::{store, stored},
        error::{Error, Result},
        number::{Idcc, Naf, Phone, Postcode, Rna, Siret, VatNumber},
        resource::{Resource, Step},
        text::fold,
        tx::Tx,
    },
    words,
};

words! {
    /// What a client is by law.
    pub enum Kind as "ClientKind" {
        /// A private company (entreprise).
        Company = "company",
        /// An association, known by its RNA number, its SIRET, or both.
        Association = "association",
        /// A public body, paid through Chorus Pro.
        PublicBody = "public_body",
        /// A person who trains at their own expense (art. L6353-3).
        Individual = "individual",
    }
}

words! {
    /// How many employees a client has (tranche d'effectif).
    pub enum HeadcountBand {
        /// No employee.
        None = "none",
        /// 1 to 9 employees.
        OneToNine = "1-9",
        /// 10 to 49 employees.
        TenToFortyNine = "10-49",
        /// 50 to 249 employees.
        FiftyToTwoHundredFortyNine = "50-249",
        /// 250 employees or more.
        TwoHundredFiftyOrMore = "250+",
    }
}

words! {
    /// How the client's OPCO came to be known; it is never guessed from the NAF code.
    pub enum OpcoSource {
        /// Looked up by SIRET on the official service.
        SiretLookup = "siret_lookup",
        /// From the collective agreement (IDCC).
        Idcc = "idcc",
        /// The client said so.
        Declared = "declared",
    }
}

/// Where invoices go, when it is not the client's address.
#[derive(Debug, Clone, PartialEq, Eq, Object, Validate, Serialize, Deserialize)]
pub struct BillingAddress {
    /// Name on the envelope.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: Option<String>,
    /// Street.
    #[oai(validator(min_length = 1, max_length = 300))]
    pub address: String,
    /// French postcode.
    #[oai(validator(max_length = 10))]
    #[validate(custom(function = check::valid_postcode))]
    pub postcode: String,
    /// City.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub city: String,
}

fn france() -> String {
    "FR".into()
}

/// A client, as a caller writes it.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewClient {
    /// The activity (tenant) that knows this client; needed when the key reaches several.
    pub activity_id: Option<Uuid>,
    /// Your own name for this row, unique in the activity.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub external_id: Option<String>,
    /// What it is by law; decides which numbers are required.
    pub kind: Kind,
    /// Name as papers print it (dénomination sociale, or the individual's name).
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: String,
    /// Legal form (forme juridique): « association loi 1901 », « SARL ».
    #[oai(validator(min_length = 1, max_length = 100))]
    pub legal_form: Option<String>,
    /// SIRET, 14 digits; required for a company and a public body.
    #[oai(validator(max_length = 25))]
    #[validate(custom(function = check::valid_siret))]
    pub siret: Option<String>,
    /// RNA number of an association: W and nine digits.
    #[oai(validator(max_length = 25))]
    #[validate(custom(function = check::valid_rna))]
    pub rna: Option<String>,
    /// VAT number (numéro de TVA intracommunautaire).
    #[oai(validator(max_length = 25))]
    #[validate(custom(function = check::valid_vat_number))]
    pub vat_number: Option<String>,
    /// Principal activity (code NAF/APE).
    #[oai(validator(max_length = 10))]
    #[validate(custom(function = check::valid_naf))]
    pub naf: Option<String>,
    /// Collective agreement (IDCC), four digits.
    #[oai(validator(max_length = 10))]
    #[validate(custom(function = check::valid_idcc))]
    pub idcc: Option<String>,
    /// How many employees it has (tranche d'effectif).
    pub headcount_band: Option<HeadcountBand>,
    /// Its OPCO, or the FAF of a self-employed person; comes with its source and date.
    pub funder_id: Option<Uuid>,
    /// How the OPCO is known.
    pub opco_source: Option<OpcoSource>,
    /// The day since which the OPCO is known; not in the future.
    pub opco_known_on: Option<NaiveDate>,
    /// Street.
    #[oai(validator(min_length = 1, max_length = 300))]
    pub address: String,
    /// French postcode.
    #[oai(validator(max_length = 10))]
    #[validate(custom(function = check::valid_postcode))]
    pub postcode: String,
    /// City.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub city: String,
    /// Country, two letters (ISO 3166-1).
    #[oai(default = "france", validator(pattern = "^[A-Z]{2}$"))]
    pub country: String,
    /// Where invoices go, when it is elsewhere.
    #[validate(nested)]
    pub billing_address: Option<BillingAddress>,
    /// Whether no invoice passes without a purchase order (engagement juridique).
    #[oai(default)]
    pub purchase_order_required: bool,
    /// Service code on Chorus Pro, for a public body.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub service_code: Option<String>,
    /// Email address of the organisation.
    #[oai(validator(max_length = 254))]
    #[validate(custom(function = check::valid_email))]
    pub email: Option<String>,
    /// Phone number, French or international.
    #[oai(validator(max_length = 30))]
    #[validate(custom(function = check::valid_phone))]
    pub phone: Option<String>,
    /// A note for the trainer; never printed.
    #[oai(validator(max_length = 2000))]
    pub note: Option<String>,
    /// The person, for an individual.
    pub person_id: Option<Uuid>,
}

/// A client, as the system knows it.
#[derive(Debug, Clone, Object)]
pub struct ClientOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The place of the last change in the activity's audit, for `updated_after`.
    pub seq: i64,
    /// Who answers for it.
    pub contacts: Vec<ContactOut>,
    /// What was written.
    #[oai(flatten)]
    pub client: NewClient,
}

impl Versioned for ClientOut {
    fn version(&self) -> i64 {
        self.version
    }
}

impl ClientOut {
    /// From its row and its contacts.
    pub fn from_row(row: &Model, contacts: Vec<ContactOut>) -> Result<Self> {
        Ok(Self { id: row.id, version: row.version, seq: row.seq, contacts, client: written(row)? })
    }
}

fn written(row: &Model) -> Result<NewClient> {
    let row = row.clone();
    Ok(NewClient {
        activity_id: Some(row.activity_id),
        external_id: row.external_id,
        kind: Kind::of(&row.kind)?,
        name: row.name,
        legal_form: row.legal_form,
        siret: row.siret,
        rna: row.rna,
        vat_number: row.vat_number,
        naf: row.naf,
        idcc: row.idcc,
        headcount_band: row.headcount_band.as_deref().map(HeadcountBand::of).transpose()?,
        funder_id: row.funder_id,
        opco_source: row.opco_source.as_deref().map(OpcoSource::of).transpose()?,
        opco_known_on: row.opco_known_on,
        address: row.address,
        postcode: row.postcode,
        city: row.city,
        country: row.country,
        billing_address: row.billing_address.as_deref().map(stored).transpose()?,
        purchase_order_required: row.purchase_order_required,
        service_code: row.service_code,
        email: row.email,
        phone: row.phone,
        note: row.note,
        person_id: row.person_id,
    })
}

/// The stored form of a number that was checked: without the spaces that people type.
macro_rules! bare {
    ($number:ident, $text:expr) => {
        $text.map(|text| $number::parse(&text).map_or(text, String::from))
    };
}

/// The resource.
pub struct Client;

impl Resource for Client {
    type Table = Entity;
    type Edit = ActiveModel;
    type Input = NewClient;
    const PATH: &'static str = "clients";

    fn activity(ctx: &Ctx, input: &NewClient) -> Result<Option<Uuid>> {
        ctx.activity(input.activity_id).map(Some)
    }

    fn input(row: &Model) -> Result<NewClient> {
        written(row)
    }

    fn fill(input: NewClient, edit: &mut ActiveModel) -> Result<()> {
        let NewClient {
            activity_id: _,
            external_id,
            kind,
            name,
            legal_form,
            siret,
            rna,
            vat_number,
            naf,
            idcc,
            headcount_band,
            funder_id,
            opco_source,
            opco_known_on,
            address,
            postcode,
            city,
            country,
            billing_address,
            purchase_order_required,
            service_code,
            email,
            phone,
            note,
            person_id,
        } = input;
        let (siret, rna) = (bare!(Siret, siret), bare!(Rna, rna));
        let words = [Some(&name), siret.as_ref(), rna.as_ref(), email.as_ref(), Some(&city)];
        edit.search = Set(fold(&words.into_iter().flatten().cloned().collect::<Vec<_>>().join(" ")));
        edit.external_id = Set(external_id);
        edit.kind = Set(kind.into());
        edit.name = Set(name);
        edit.legal_form = Set(legal_form);
        edit.siret = Set(siret);
        edit.rna = Set(rna);
        edit.vat_number = Set(bare!(VatNumber, vat_number));
        edit.naf = Set(bare!(Naf, naf));
        edit.idcc = Set(bare!(Idcc, idcc));
        edit.headcount_band = Set(headcount_band.map(String::from));
        edit.funder_id = Set(funder_id);
        edit.opco_source = Set(opco_source.map(String::from));
        edit.opco_known_on = Set(opco_known_on);
        edit.address = Set(address);
        edit.postcode = Set(bare!(Postcode, Some(postcode)).unwrap_or_default());
        edit.city = Set(city);
        edit.country = Set(country);
        edit.billing_address = Set(billing_address.map(|address| store(&address)).transpose()?);
        edit.purchase_order_required = Set(purchase_order_required);
        edit.service_code = Set(service_code);
        edit.email = Set(email);
        edit.phone = Set(bare!(Phone, phone));
        edit.note = Set(note);
        edit.person_id = Set(person_id);
        Ok(())
    }

    fn event(client: Uuid, step: Step) -> crate::events::Event {
        match step {
            Step::Created => Event::Created { client },
            Step::Changed => Event::Changed { client },
            Step::Deleted => Event::Deleted { client },
        }
        .into()
    }

    fn external_id() -> Option<Column> {
        Some(Column::ExternalId)
    }

    async fn check(tx: &Tx<'_>, input: &NewClient, before: Option<&Model>) -> Result<()> {
        let faults = rules::faults(input, tx.today());
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        tx.scope().maybe::<entity::funder::Entity>(input.funder_id).await?;
        if let Some(person) = tx.scope().maybe::<entity::person::Entity>(input.person_id).await?
            && before.map(|row| row.activity_id).or(input.activity_id).is_some_and(|id| id != person.activity_id)
        {
            return Err(Error::Missing("person"));
        }
        Ok(())
    }
}
