//! Draft an agreement: read the programme, the session and the booking once, and freeze what they say.

use entity::{
    agreement, booking, client, enrolment, organisation, person, programme_version, quote, session, signatory, trainer,
};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use serde_json::Value;
use uuid::Uuid;

use super::{
    agreement::{Kind, NewAgreement},
    events::Event,
    items, rules,
    rules::State,
    signing::send_row,
    start::live,
    terms::{After, Instalment, NamedTrainer, Terms},
};
use crate::{
    booking as sold,
    catalogue::{self, Means},
    client::Kind as Buyer,
    people::printed_name,
    platform::{
        access::Ctx,
        codes::{store, stored},
        error::{Error, Result},
        scope::Scope,
    },
    session::{day_lines, distance, distance_rate, place_lines_of, planned_minutes, slots_of_session, trainers_of},
};

/// Where an agreement is.
pub(super) fn place(id: Uuid) -> String {
    format!("/v1/agreements/{id}")
}

/// Draft the agreement of a booking.
pub(super) async fn draft(ctx: &mut Ctx, booking: Uuid, input: NewAgreement) -> Result<agreement::Model> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<booking::Entity>(booking).await?;
    sold::require_live(&row)?;
    if let Some(other) = live(&tx.scope(), row.id).await? {
        return Err(Error::refused(
            "agreement.exists",
            format!("La réservation a déjà {} (état « {} ») : annulez-la d’abord.", other.reference, other.state),
            format!("The booking already has {} (state “{}”): void it first.", other.reference, other.state),
        ));
    }
    let client = sold::buyer(&tx.scope(), &row).await?;
    let kind = kind_for(&client, input.kind)?;
    tx.scope().maybe::<signatory::Entity>(input.signatory_id).await?;
    let terms = terms(&tx.scope(), &row, &input).await?;
    items::require(&terms, kind == Kind::Contract)?;
    if matches!(kind, Kind::Quote | Kind::Order) {
        quoted(&tx.scope(), &row).await?;
    }
    if kind == Kind::Contract || !terms.instalments.is_empty() {
        let staggered = kind == Kind::Contract && terms.price_cents > 0;
        rules::instalments(&terms.instalments, staggered, terms.days.first().copied())?;
    }
    let hash = sold::terms_of(&tx.scope(), &row).await?.hash()?;
    let year = chrono::Datelike::year(&tx.today());
    let number = tx.next_number(&format!("agreement:{}:{year}", row.activity_id)).await?;
    let id = tx.new_id();
    let made = tx
        .act(row.activity_id, Event::Drafted { agreement: id }.into())
        .insert(agreement::ActiveModel {
            id: Set(id),
            external_id: Set(input.external_id),
            booking_id: Set(row.id),
            kind: Set(kind.into()),
            reference: Set(format!("AGR-{year}-{number:04}")),
            state: Set(State::Draft.into()),
            terms: Set(store(&terms)?),
            terms_hash: Set(hash),
            concluded_at_distance: Set(input.concluded_at_distance),
            signatory_id: Set(input.signatory_id),
            signed_late: Set(false),
            ..Default::default()
        })
        .await?;
    let made = if input.send { send_row(&mut tx, id).await? } else { made };
    tx.answers_at(place(id), 201);
    tx.commit().await?;
    Ok(made)
}

/// A contrat for an individual, anything else for anybody else.
fn kind_for(client: &client::Model, asked: Option<Kind>) -> Result<Kind> {
    let individual = client.kind == Buyer::Individual.name();
    let kind = asked.unwrap_or(if individual { Kind::Contract } else { Kind::Convention });
    match (individual, kind) {
        (true, Kind::Contract) | (false, Kind::Convention | Kind::Quote | Kind::Order) => Ok(kind),
        (true, _) => Err(Error::invalid(
            "/kind",
            "agreement.individual",
            "Une personne qui se forme à ses frais signe un contrat (art. L6353-3).",
            "A person who trains at their own expense signs a contrat (art. L6353-3).",
        )),
        (false, Kind::Contract) => Err(Error::invalid(
            "/kind",
            "agreement.legal_person",
            "Une personne morale signe une convention (art. L6353-1) ; le contrat est pour les particuliers.",
            "A legal person signs a convention (art. L6353-1); a contrat is for individuals.",
        )),
    }
}

/// A quote stands for the convention when it is accepted and carries the twelve items, with the programme annexed.
async fn quoted(scope: &Scope<'_>, row: &booking::Model) -> Result<()> {
    let Some(quote) = scope.maybe::<quote::Entity>(row.quote_id).await? else {
        return Err(Error::refused(
            "agreement.no_quote",
            "Cette réservation n’a pas de devis : faites une convention.",
            "This booking has no quote: draft a convention.",
        ));
    };
    if quote.accepted_on.is_none() {
        return Err(Error::refused(
            "agreement.quote_not_accepted",
            "Le devis n’est pas accepté : il ne tient pas lieu de convention (art. D6353-1 II).",
            "The quote is not accepted: it does not stand for a convention (art. D6353-1 II).",
        ));
    }
    let said = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
    let mut lacking: Vec<String> = vec![];
    if quote.programme_version_id != Some(row.programme_version_id) {
        lacking.push("le programme annexé au devis (objectif, contenu, moyens, durée, suivi, sanction)".into());
    }
    let texts = [
        (said(&quote.period), "Période de réalisation"),
        (said(&quote.place), "Modalités de déroulement"),
        (said(&quote.terms), "Modalités de règlement"),
    ];
    lacking.extend(texts.iter().filter(|(there, _)| !there).map(|(_, label)| format!("{label} (art. D6353-1)")));
    items::incomplete(&lacking)
}

/// What the programme, the session and the booking say today, with what the caller says instead.
pub(super) async fn terms(scope: &Scope<'_>, row: &booking::Model, input: &NewAgreement) -> Result<Terms> {
    let version = scope.get::<programme_version::Entity>(row.programme_version_id).await?;
    let programme = catalogue::content(&version)?;
    let session = scope.get::<session::Entity>(row.session_id).await?;
    let slots = slots_of_session(scope, session.id).await?;
    let mut days: Vec<chrono::NaiveDate> = slots.iter().map(|slot| slot.day).collect();
    days.sort();
    days.dedup();
    let (trainees, _) = who_follows(scope, row.id).await?;
    let individual = sold::buyer(scope, row).await?.kind == Buyer::Individual.name();
    let known = i32::try_from(trainees.len()).unwrap_or(i32::MAX);
    let heads = row.heads.unwrap_or(0).max(known).max(i32::from(individual));
    let quote = scope.maybe::<quote::Entity>(row.quote_id).await?;
    let payment_terms = match input.payment_terms.clone() {
        Some(terms) => Some(terms),
        // What a quote says of payment, invoices after the training, would contradict the instalments of a contrat.
        None if individual => Some(BY_INSTALMENTS.to_owned()),
        None => match quote.and_then(|quote| quote.terms) {
            Some(terms) => Some(terms),
            None => default_payment(scope).await?,
        },
    };
    let cancellation = if individual { ABANDONED.to_owned() } else { [ABANDONED, PREVENTED].join(" ") };
    let ids: Vec<Uuid> = slots.iter().map(|slot| slot.id).collect();
    Ok(Terms {
        title: programme.title,
        objectives: programme.objectives.into_iter().map(|objective| objective.text).collect(),
        content: programme
            .modules
            .into_iter()
            .map(|module| match module.points.as_slice() {
                [] => module.title,
                points => format!("{} : {}", module.title, points.join(" ; ")),
            })
            .collect(),
        means: input.means.clone().map_or_else(|| means_of(programme.means, programme.methods), |means| vec![means]),
        minutes: planned_minutes(&slots).0,
        days,
        distance_basis_points: distance_rate(&slots).0,
        distance: distance(scope, &session, &slots).await?,
        schedule: day_lines(&slots),
        places: place_lines_of(&session, &slots)?,
        follow_up: input.follow_up.clone().or(programme.follow_up),
        outcome: input.outcome.clone().or(programme.outcome),
        evaluation: programme.evaluation,
        price_cents: row.price_cents,
        payment_terms,
        instalments: if input.instalments.is_empty() && individual { staggered() } else { input.instalments.clone() },
        cancellation_terms: Some(input.cancellation_terms.clone().unwrap_or(cancellation)),
        prerequisites: programme.prerequisites,
        trainers: named(scope, trainers_of(scope, &ids).await?).await?,
        trainees,
        heads,
        order_reference: row.order_reference.clone(),
    })
}

/// What is due when one side leaves, unless something else is agreed.
const ABANDONED: &str = "En cas de cessation anticipée de la formation ou d’abandon, seules les prestations effectivement dispensées sont dues, au prorata de leur durée.";
/// What is due in case of force majeure; a contrat says it in an article of its own (art. L6353-7).
const PREVENTED: &str =
    "Si le stagiaire ou le client est empêché par un cas de force majeure dûment reconnu, la même règle s’applique.";
/// How an individual pays (art. L6353-6).
const BY_INSTALMENTS: &str = "Paiement par virement, aux échéances ci-dessous.";

/// 30 % after the withdrawal period, the balance at the end (art. L6353-6).
fn staggered() -> Vec<Instalment> {
    let part = |after, percent_basis_points| Instalment { due_on: None, after: Some(after), percent_basis_points };
    vec![part(After::Withdrawal, 3_000), part(After::End, 7_000)]
}

fn means_of(means: Means, methods: Option<String>) -> Vec<String> {
    let labelled = [
        ("Moyens pédagogiques", means.teaching),
        ("Moyens techniques", means.technical),
        ("Encadrement", means.staffing),
        ("Méthodes", methods),
    ];
    labelled.into_iter().filter_map(|(label, text)| text.map(|text| format!("{label} : {text}"))).collect()
}

async fn default_payment(scope: &Scope<'_>) -> Result<Option<String>> {
    let row = scope.find::<organisation::Entity>().one().await?;
    Ok(row.map(|row| {
        format!("Paiement par virement, à {} jours de la facture émise à l’issue de l’action.", row.payment_days)
    }))
}

/// The names of those who follow, those who left excepted; and the last of them who came.
pub async fn who_follows(scope: &Scope<'_>, booking: Uuid) -> Result<(Vec<String>, Option<Uuid>)> {
    use enrolment::Column as N;
    let rows = scope
        .find::<enrolment::Entity>()
        .filter(N::BookingId.eq(booking))
        .filter(N::State.is_in(["invited", "enrolled", "started", "completed"]))
        .all()
        .await?;
    let people = scope.map::<person::Entity>(rows.iter().map(|row| row.person_id)).await?;
    let mut names: Vec<(String, String)> =
        people.values().map(|person| (person.search.clone(), printed_name(person))).collect();
    names.sort();
    Ok((names.into_iter().map(|(_, name)| name).collect(), rows.iter().map(|row| row.id).max()))
}

async fn named(scope: &Scope<'_>, trainers: Vec<(Uuid, String)>) -> Result<Vec<NamedTrainer>> {
    let rows = scope.map::<trainer::Entity>(trainers.iter().map(|(id, _)| *id)).await?;
    trainers
        .into_iter()
        .map(|(id, name)| {
            let titles = rows.get(&id).map(titles_of).transpose()?.unwrap_or_default();
            Ok(NamedTrainer { name, titles })
        })
        .collect()
}

/// Diplomas and titles, then references.
fn titles_of(row: &trainer::Model) -> Result<Vec<String>> {
    let diplomas: Vec<Value> = stored(&row.diplomas)?;
    let text = |diploma: &Value| diploma.as_str().or_else(|| diploma["title"].as_str()).map(str::to_owned);
    Ok(diplomas.iter().filter_map(text).chain(row.references.clone()).collect())
}
