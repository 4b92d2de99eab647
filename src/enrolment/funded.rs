//! What a funder's file holds of a trainee, before the trainee changes under it.

use entity::{enrolment, funder, funding_file, funding_trainee, person};
use sea_orm::ColumnTrait;

use crate::{
    people::name_of,
    platform::{
        error::{Error, Result},
        tx::Tx,
    },
};

/// The status decides whom a funder covers: it does not change under a file that holds the trainee.
pub(super) async fn unfunded(tx: &Tx<'_>, row: &enrolment::Model) -> Result<()> {
    use funding_file::Column as F;
    let scope = tx.scope();
    let covered = scope
        .find::<funding_trainee::Entity>()
        .filter(funding_trainee::Column::EnrolmentId.eq(row.id))
        .column(funding_trainee::Column::FundingFileId);
    let file = scope
        .find::<funding_file::Entity>()
        .filter(F::Id.in_subquery(covered))
        .filter(F::State.is_not_in(["refused", "withdrawn"]))
        .one()
        .await?;
    let Some(file) = file else { return Ok(()) };
    let funder = scope.get::<funder::Entity>(file.funder_id).await?.name;
    let name = name_of(&scope.get::<person::Entity>(row.person_id).await?);
    Err(Error::refused(
        "enrolment.funded",
        format!(
            "{name} figure dans un dossier de financement ({funder}), qui dépend de son statut : sortez cette personne du dossier, ou retirez le dossier, avant de changer son statut."
        ),
        format!("{name} is in a funding file ({funder}), which depends on the status: take them out of it first."),
    ))
}
