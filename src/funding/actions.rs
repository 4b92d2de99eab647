//! Draft a file, change it, and the rules over the files of one booking.

use std::collections::HashSet;

use entity::{booking, enrolment, funder, funding_file, funding_trainee, person};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;

use super::{
    dossier::{FundingFileOut, NewFundingFile, covered, shown_one, written},
    events::Event,
    rules::{Candidate, Held, all_eligible, within_price},
    words::State,
};
use crate::{
    enrolment::Status,
    people::name_of,
    platform::{
        access::Ctx,
        calendar::date,
        contract::Patch,
        error::{Error, Fault, Result},
        scope::Scope,
        text::fold,
        tx::Tx,
    },
};

/// What the files of these bookings hold: booking, file, amounts.
pub(super) async fn held_by(
    scope: &Scope<'_>,
    bookings: impl IntoIterator<Item = Uuid>,
) -> Result<Vec<(Uuid, Uuid, Held)>> {
    let rows =
        scope.find::<funding_file::Entity>().filter(funding_file::Column::BookingId.is_in(bookings)).all().await?;
    rows.into_iter()
        .map(|row| {
            let held =
                Held { state: State::of(&row.state)?, requested: row.requested_cents, granted: row.granted_cents };
            Ok((row.booking_id, row.id, held))
        })
        .collect()
}

/// Lock the booking and check what is asked against it: trainees, eligibility, price.
async fn check(tx: &Tx<'_>, input: &NewFundingFile, but: Option<Uuid>) -> Result<(booking::Model, funder::Model)> {
    let booking = tx.lock::<booking::Entity>(input.booking_id).await?;
    let funder = tx.scope().get::<funder::Entity>(input.funder_id).await?;
    if matches!(booking.state.as_str(), "declined" | "cancelled") {
        return Err(Error::no_move("funding.booking_state", &booking.state, "fund", &[]));
    }
    let mut faults = vec![];
    let mut candidates = vec![];
    for (index, id) in input.enrolments.iter().enumerate() {
        let trainee = tx.scope().get::<enrolment::Entity>(*id).await?;
        if trainee.booking_id != booking.id {
            faults.push(Fault::new(
                format!("/enrolments/{index}"),
                "funding.other_booking",
                "Cette personne est inscrite dans une autre réservation.",
                "This person belongs to another booking.",
            ));
            continue;
        }
        let person = tx.scope().get::<person::Entity>(trainee.person_id).await?;
        candidates.push(Candidate { name: name_of(&person), status: Status::of(&trainee.status)? });
    }
    if let (Some(before), Some(pieces)) = (input.file_before, input.pieces_deadline)
        && pieces < before
    {
        faults.push(Fault::new(
            "/pieces_deadline",
            "dates.order",
            format!("La limite des pièces ({}) précède celle du dépôt ({}).", date(pieces), date(before)),
            format!("The pieces' deadline ({pieces}) is before that of the request ({before})."),
        ));
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    all_eligible(&funder.name, &funder.kind, &candidates)?;
    let others: Vec<Held> = held_by(&tx.scope(), [booking.id])
        .await?
        .into_iter()
        .filter(|(_, file, _)| Some(*file) != but)
        .map(|(_, _, held)| held)
        .collect();
    within_price(booking.price_cents, &others, input.requested_cents)?;
    Ok((booking, funder))
}

fn fill(input: &NewFundingFile, funder: &funder::Model, edit: &mut funding_file::ActiveModel) {
    let NewFundingFile {
        external_id,
        booking_id,
        funder_id,
        mode,
        requested_cents,
        number,
        file_before,
        pieces_deadline,
        absence_notice,
        enrolments: _,
    } = input;
    edit.search = Set(fold(&format!("{} {}", funder.name, number.as_deref().unwrap_or_default())));
    edit.external_id = Set(external_id.clone());
    edit.booking_id = Set(*booking_id);
    edit.funder_id = Set(*funder_id);
    edit.mode = Set((*mode).into());
    edit.requested_cents = Set(*requested_cents);
    edit.number = Set(number.clone());
    edit.file_before = Set(*file_before);
    edit.pieces_deadline = Set(*pieces_deadline);
    edit.absence_notice = Set(*absence_notice);
}

/// Draft a file.
pub async fn create(ctx: &mut Ctx, input: NewFundingFile) -> Result<FundingFileOut> {
    let mut tx = ctx.begin().await?;
    let (booking, funder) = check(&tx, &input, None).await?;
    let id = tx.new_id();
    let mut row = funding_file::ActiveModel {
        id: Set(id),
        state: Set(State::Draft.into()),
        granted_cents: Set(None),
        filed_on: Set(None),
        decided_on: Set(None),
        decision_reason: Set(None),
        invoice_number: Set(None),
        paid_on: Set(None),
        late_override: Set(None),
        ..Default::default()
    };
    fill(&input, &funder, &mut row);
    let mut act = tx.act(booking.activity_id, Event::Drafted { funding_file: id }.into());
    let row = act.insert(row).await?;
    for enrolment in input.enrolments {
        act.insert(trainee(id, enrolment)).await?;
    }
    tx.answers_at(format!("/v1/funding-files/{id}"), 201);
    let out = shown_one(&tx.scope(), row).await?;
    tx.commit().await?;
    Ok(out)
}

fn trainee(file: Uuid, enrolment: Uuid) -> funding_trainee::ActiveModel {
    funding_trainee::ActiveModel { funding_file_id: Set(file), enrolment_id: Set(enrolment), ..Default::default() }
}

/// Change a file: everything while it is not filed; afterwards only numbers and deadlines.
pub async fn change(ctx: &mut Ctx, id: Uuid, patch: &Patch<NewFundingFile>) -> Result<FundingFileOut> {
    let mut tx = ctx.begin().await?;
    // The booking first: it is what the amounts are checked against.
    let booking = tx.scope().get::<funding_file::Entity>(id).await?.booking_id;
    tx.lock::<booking::Entity>(booking).await?;
    let before = tx.edit::<funding_file::Entity>(id).await?;
    let trainees = covered(&tx.scope(), &[id]).await?;
    let present = written(&before, trainees.iter().map(|row| row.enrolment_id).collect())?;
    let input = patch.apply(&present)?;
    let wanted: HashSet<Uuid> = input.enrolments.iter().copied().collect();
    let had: HashSet<Uuid> = present.enrolments.iter().copied().collect();
    if input.booking_id != present.booking_id {
        return Err(Error::refused(
            "funding.frozen",
            "Un dossier reste celui de sa réservation : retirez-le et faites-en un autre.",
            "A file stays with its booking: withdraw it and make another.",
        ));
    }
    let material =
        input.funder_id != present.funder_id || input.requested_cents != present.requested_cents || wanted != had;
    let funder = match State::of(&before.state)? {
        State::Draft | State::ToFile => check(&tx, &input, Some(id)).await?.1,
        state if material => {
            return Err(Error::refused(
                "funding.frozen",
                format!(
                    "Le dossier est à l’état « {} » : financeur, montant et stagiaires ne changent plus.",
                    state.name()
                ),
                format!("The file is {}: funder, amount and trainees change no more.", state.name()),
            ));
        }
        _ => tx.scope().get::<funder::Entity>(input.funder_id).await?,
    };
    let mut act = tx.act(before.activity_id, Event::Changed { funding_file: id }.into());
    let row = act.update(before, |edit: &mut funding_file::ActiveModel| fill(&input, &funder, edit)).await?;
    for gone in trainees.into_iter().filter(|row| !wanted.contains(&row.enrolment_id)) {
        act.delete::<funding_trainee::Entity>(gone).await?;
    }
    for new in input.enrolments.into_iter().filter(|one| !had.contains(one)) {
        act.insert(trainee(id, new)).await?;
    }
    let out = shown_one(&tx.scope(), row).await?;
    tx.commit().await?;
    Ok(out)
}
