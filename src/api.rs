//! The feature APIs put together, their tags, and the published contract.

use std::{collections::BTreeMap, sync::LazyLock};

use poem_openapi::{OpenApi, OpenApiService, Tags};
use serde_json::Value;

mod examples;
mod spec;

/// Groups of operations in the documentation.
#[derive(Tags)]
pub enum Tag {
    /// Whether the service runs.
    Health,
    /// The cooperative: its legal facts by dates, signatories, texts.
    Organisation,
    /// Brands carried by the cooperative, their members.
    Activities,
    /// Users and their keys.
    Users,
    /// People: contacts, trainees, trainers.
    People,
    /// Who buys.
    Clients,
    /// What is sold: programmes and their versions.
    Catalogue,
    /// The time spent upstream.
    Needs,
    /// Offers.
    Quotes,
    /// Dated actions and their half-days.
    Sessions,
    /// What is sold of a session, to whom; its approval by the cooperative.
    Bookings,
    /// Who follows.
    Enrolments,
    /// Conventions, contrats, amendments.
    Agreements,
    /// Presence, half-day by half-day.
    Attendance,
    /// Results and satisfaction.
    Evaluations,
    /// Funders' files.
    Funding,
    /// Papers and files.
    Documents,
    /// Personal links: what people outside open without a key.
    Links,
    /// Signatures of papers: requests, codes, evidence.
    Signatures,
    /// Mails, sent and planned.
    Messages,
    /// Who did what, when; the worker's jobs.
    Audit,
}

/// Every operation.
#[rustfmt::skip]
pub fn apis() -> impl OpenApi {
    (
        (
            crate::health::HealthApi,
            crate::audit::api::AuditApi,
            crate::message::api::MessageApi,
            crate::organisation::api::apis(),
            crate::activity::api::ActivitiesApi,
            crate::access::api::AccessApi,
            crate::signin::api::IdentitiesApi,
            crate::file::api::FilesApi,
            crate::link::api::LinksApi,
        ),
        (
            crate::people::api::PeopleApi,
            crate::people::trainer::api::TrainersApi,
            crate::client::api::ClientApi,
            crate::catalogue::api::CatalogueApi,
            crate::needs::api::NeedsApi,
            crate::quote::api::QuoteApi,
            crate::document::api::DocumentApi,
            crate::document::wording::api::PaperTextsApi,
            crate::papers::api::PreviewsApi,
            crate::document::files_api::DocumentFilesApi,
            crate::signature::api::SignaturesApi,
        ),
        (
            crate::session::api::SessionsApi,
            crate::session::slots_api::SlotsApi,
            crate::session::teaching::TeachingApi,
            crate::enrolment::api::EnrolmentsApi,
            crate::booking::api::BookingsApi,
            crate::booking::approvals_api::ApprovalsApi,
            crate::agreement::api::AgreementsApi,
            crate::agreement::amendments_api::AmendmentsApi,
            crate::attendance::api::apis(),
            crate::signing::api::SigningApi,
            crate::evaluation::api::EvaluationApi,
            crate::funding::api::FundingApi,
            crate::journey::api::JourneyApi,
            crate::journey::replace_api::ReplaceApi,
            crate::journey::start::StartApi,
        ),
        (
            crate::session::handouts_api::HandoutsApi,
            crate::attendance::proofs_api::ProofsApi,
        ),
    )
}

/// The service and its documentation.
pub fn service() -> OpenApiService<impl OpenApi, ()> {
    OpenApiService::new(apis(), "Clairière", "1")
}

/// The published contract.
pub fn contract() -> Value {
    static CONTRACT: LazyLock<Value> = LazyLock::new(|| spec::finish(&service().spec()));
    CONTRACT.clone()
}

/// The methods of a path, for `Allow`.
pub fn methods_of(path: &str) -> Option<Vec<String>> {
    static PATHS: LazyLock<BTreeMap<String, Vec<String>>> = LazyLock::new(|| {
        let contract = contract();
        let paths = contract["paths"].as_object().cloned().unwrap_or_default();
        let methods = |item: &Value| item.as_object().map(|all| all.keys().map(|name| name.to_uppercase()).collect());
        paths.iter().filter_map(|(path, item)| Some((path.clone(), methods(item)?))).collect()
    });
    let parts: Vec<&str> = path.split('/').collect();
    let fits = |template: &str| {
        let names: Vec<&str> = template.split('/').collect();
        names.len() == parts.len() && names.iter().zip(&parts).all(|(name, part)| name.starts_with('{') || name == part)
    };
    PATHS.iter().find(|(template, _)| fits(template)).map(|(_, methods)| methods.clone())
}
