//! The cooperative's own rules: one row, there from the first migration.

use entity::organisation::{ActiveModel, Entity, Model};
use poem_openapi::Object;
use sea_orm::ActiveValue::Set;
use uuid::{Uuid, uuid};
use validator::Validate;

use super::events::Event;
use crate::{
    platform::{
        access::Ctx,
        answer::Versioned,
        error::{Error, Result},
        resource::{Resource, Step},
        scope::Scope,
    },
    words,
};

/// The one row; locked by whoever changes a dated fact.
pub(super) const ROW: Uuid = uuid!("00000000-0000-7000-8000-000000000001");

words! {
    /// How the yearly report (bilan pédagogique et financier) counts somebody who followed two actions.
    pub enum BpfHeadCount {
        /// Twice: once per enrolment.
        PerEnrolment = "per_enrolment",
        /// Once: per person.
        PerPerson = "per_person",
    }
}

/// The cooperative's rules, as its staff write them.
#[derive(Debug, Clone, Object, Validate)]
pub struct Settings {
    /// Whether what a trainer drafts needs the cooperative's approval before it is signed.
    pub approval_required: bool,
    /// How the yearly report counts heads.
    pub bpf_head_count: BpfHeadCount,
    /// Days during which a quote may be accepted (durée de validité du devis).
    #[oai(validator(minimum(value = "1"), maximum(value = "365")))]
    pub quote_validity_days: i32,
    /// Days to pay an invoice (délai de paiement, C. com. art. L441-10).
    #[oai(validator(minimum(value = "0"), maximum(value = "60")))]
    pub payment_days: i32,
    /// Days before the first half-day at which convocations leave.
    #[oai(validator(minimum(value = "0"), maximum(value = "90")))]
    pub convocation_days: i32,
    /// Days before the first half-day at which the reminder leaves.
    #[oai(validator(minimum(value = "0"), maximum(value = "30")))]
    pub reminder_days: i32,
    /// Whether trainers set the letterhead of their own activity: colour, logo, lines.
    pub activities_letterhead: bool,
    /// Whether trainers write the introductions and closing words of their own activity's papers.
    pub activities_introductions: bool,
    /// Whether trainers write the clauses of their own activity's papers.
    pub activities_clauses: bool,
    /// Minutes before a half-day at which signing opens; zero at its very beginning.
    #[oai(validator(minimum(value = "0"), maximum(value = "120")))]
    pub signing_opens_minutes: i32,
    /// Hours after the end of a half-day during which a signature that comes late is still received.
    #[oai(validator(minimum(value = "0"), maximum(value = "168")))]
    pub late_mark_hours: i32,
    /// Days after which the network address, browser and device of a signature are erased (RGPD art. 5).
    #[oai(validator(minimum(value = "1"), maximum(value = "3650")))]
    pub network_retention_days: i32,
}

/// The cooperative's rules as they are.
#[derive(Debug, Clone, Object)]
pub struct SettingsOut {
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// What was written.
    #[oai(flatten)]
    pub settings: Settings,
}

impl Versioned for SettingsOut {
    fn version(&self) -> i64 {
        self.version
    }
}

impl TryFrom<Model> for SettingsOut {
    type Error = Error;
    fn try_from(row: Model) -> Result<Self> {
        Ok(Self { version: row.version, settings: Rules::input(&row)? })
    }
}

/// The rules in force.
pub async fn settings(scope: &Scope<'_>) -> Result<Model> {
    scope.get::<Entity>(ROW).await
}

/// The resource.
pub struct Rules;

impl Resource for Rules {
    type Table = Entity;
    type Edit = ActiveModel;
    type Input = Settings;
    const PATH: &'static str = "organisation";

    fn activity(ctx: &Ctx, _: &Settings) -> Result<Option<Uuid>> {
        super::fact::common(ctx)
    }

    fn input(row: &Model) -> Result<Settings> {
        Ok(Settings {
            approval_required: row.approval_required,
            bpf_head_count: BpfHeadCount::of(&row.bpf_head_count)?,
            quote_validity_days: row.quote_validity_days,
            payment_days: row.payment_days,
            convocation_days: row.convocation_days,
            reminder_days: row.reminder_days,
            activities_letterhead: row.activities_letterhead,
            activities_introductions: row.activities_introductions,
            activities_clauses: row.activities_clauses,
            signing_opens_minutes: row.signing_opens_minutes,
            late_mark_hours: row.late_mark_hours,
            network_retention_days: row.network_retention_days,
        })
    }

    fn fill(input: Settings, edit: &mut ActiveModel) -> Result<()> {
        let Settings {
            approval_required,
            bpf_head_count,
            quote_validity_days,
            payment_days,
            convocation_days,
            reminder_days,
            activities_letterhead,
            activities_introductions,
            activities_clauses,
            signing_opens_minutes,
            late_mark_hours,
            network_retention_days,
        } = input;
        edit.approval_required = Set(approval_required);
        edit.bpf_head_count = Set(bpf_head_count.into());
        edit.quote_validity_days = Set(quote_validity_days);
        edit.payment_days = Set(payment_days);
        edit.convocation_days = Set(convocation_days);
        edit.reminder_days = Set(reminder_days);
        edit.activities_letterhead = Set(activities_letterhead);
        edit.activities_introductions = Set(activities_introductions);
        edit.activities_clauses = Set(activities_clauses);
        edit.signing_opens_minutes = Set(signing_opens_minutes);
        edit.late_mark_hours = Set(late_mark_hours);
        edit.network_retention_days = Set(network_retention_days);
        Ok(())
    }

    fn event(organisation: Uuid, _: Step) -> crate::events::Event {
        Event::SettingsChanged { organisation }.into()
    }
}
