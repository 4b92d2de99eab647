//! What ships with the schema: the 11 OPCO, the FAF, and the row of the cooperative's settings.

use sea_orm_migration::prelude::*;

/// Code, name, kind, fields. Facts of 2026: see `docs/GLOSSARY.md`.
pub const FUNDERS: &[(&str, &str, &str, &str)] = &[
    ("afdas", "Afdas", "opco", "culture, médias, communication, sport, loisirs, tourisme, télécommunications"),
    (
        "akto",
        "AKTO",
        "opco",
        "services à forte intensité de main-d’œuvre : intérim, propreté, sécurité, restauration, organismes de formation privés",
    ),
    ("atlas", "Atlas", "opco", "finance, assurance, conseil, ingénierie, numérique, expertise comptable"),
    ("constructys", "Constructys", "opco", "construction"),
    ("lopcommerce", "L’Opcommerce", "opco", "commerce"),
    ("ocapiat", "OCAPIAT", "opco", "agriculture, pêche, industrie agroalimentaire"),
    ("opco2i", "OPCO 2i", "opco", "interindustriel"),
    ("opcoep", "OPCO EP", "opco", "entreprises de proximité, artisanat, salariés des professions libérales"),
    ("opcomobilites", "OPCO Mobilités", "opco", "transports, services de l’automobile"),
    ("opcosante", "OPCO Santé", "opco", "santé privée, médico-social"),
    (
        "uniformation",
        "Uniformation",
        "opco",
        "cohésion sociale : associations et ESS, logement social, aide à domicile, centres sociaux, insertion, missions locales",
    ),
    ("fifpl", "FIF PL", "faf", "professions libérales non salariées"),
    ("agefice", "AGEFICE", "faf", "commerçants et dirigeants non salariés"),
    ("fafcea", "FAFCEA", "faf", "artisans"),
    ("vivea", "VIVEA", "faf", "exploitants agricoles"),
];

/// Identifiers that are the same in every database, so that a client may know them.
pub fn funder_id(index: usize) -> String {
    format!("00000000-0000-7000-8000-0000000001{index:02}")
}

/// Insert the rows.
pub async fn insert(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    for (index, (code, name, kind, fields)) in FUNDERS.iter().enumerate() {
        let insert = Query::insert()
            .into_table(Alias::new("funder"))
            .columns(["id", "code", "name", "kind", "fields"].map(Alias::new))
            .values_panic([id(&funder_id(index))?, (*code).into(), (*name).into(), (*kind).into(), (*fields).into()])
            .to_owned();
        manager.execute(insert).await?;
    }
    let birth = chrono_like("2026-01-01T00:00:00+00:00")?;
    let settings = Query::insert()
        .into_table(Alias::new("organisation"))
        .columns(
            [
                "id",
                "approval_required",
                "bpf_head_count",
                "quote_validity_days",
                "payment_days",
                "convocation_days",
                "reminder_days",
                "version",
                "seq",
                "created_at",
                "updated_at",
            ]
            .map(Alias::new),
        )
        .values_panic([
            id("00000000-0000-7000-8000-000000000001")?,
            false.into(),
            "per_enrolment".into(),
            60.into(),
            30.into(),
            15.into(),
            2.into(),
            1_i64.into(),
            0_i64.into(),
            birth.clone(),
            birth,
        ])
        .to_owned();
    manager.execute(settings).await
}

fn id(text: &str) -> Result<Expr, DbErr> {
    let id: sea_orm_migration::sea_orm::prelude::Uuid =
        text.parse().map_err(|_| DbErr::Migration(format!("not an identifier: {text}")))?;
    Ok(Expr::value(id))
}

fn chrono_like(text: &str) -> Result<Expr, DbErr> {
    let instant: sea_orm_migration::sea_orm::prelude::DateTimeUtc =
        text.parse().map_err(|_| DbErr::Migration(format!("not an instant: {text}")))?;
    Ok(Expr::value(instant))
}
