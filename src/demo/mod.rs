//! A whole training of the catalogue, played through the public API on a simulated clock, with every paper and every mail
//! on disk.

mod cast;
mod cooperative;
mod dress;
mod ethical;
mod individual;
mod player;
mod stage;
mod story;
mod training;
mod zourit;

use std::{collections::BTreeMap, fs, path::PathBuf, sync::Arc, time::Instant};

use chrono::{TimeZone, Utc};
use serde_json::Value;

use crate::{
    access::{NewKey, NewUser, create_key, create_user},
    config::Settings,
    mail::Folder,
    operate,
    platform::{
        access::Ctx,
        clock::{MachineClock, RandomIds},
        db::Opening,
        disk,
        error::{Error, Result},
        permission::Role,
    },
    start,
};
use player::{Player, id};
use stage::Stage;
use story::{Story, route};

/// Play the story in a folder, then serve it.
pub async fn play(settings: Settings, folder: PathBuf, serve: bool) -> Result<()> {
    let begun = Instant::now();
    let opening = Utc.with_ymd_and_hms(2026, 4, 7, 7, 0, 0).single().unwrap_or_default();
    let stage = stage::set(&settings, folder.clone(), opening).await?;
    println!("Clairière – démonstration, dans {}", folder.display());
    let administrator_key = administrator(&stage).await?;
    let route = route(&stage);
    let administrator = Player::new("Administration", administrator_key.clone(), route.clone());
    let set = cooperative::enter(&administrator).await?;
    dress::dress(&administrator, &set.activity).await?;
    let story = Story {
        trainer: Player::new("Formatrice", set.trainer_key.clone(), route.clone()),
        cooperative: Player::new("Coopérative", set.officer_key.clone(), route.clone()),
        delegate: set.delegate.clone(),
        administrator,
        stage,
    };
    let trainer_id = cooperative::accredit(&story.trainer, &story.cooperative, &set).await?;
    println!("  La coopérative, son activité Clairière, ses utilisateurs et son catalogue sont en place.");
    let mut outcomes = vec![];
    for training in [zourit::training(), ethical::training()] {
        let programme = training::publish(&story.trainer, &training.programme).await?;
        outcomes.push((training.name, training::play(&story, &training, &programme, &trainer_id).await?));
    }
    outcomes.push((individual::NAME, individual::play(&story, &trainer_id).await?));
    let lines = outcomes.into_iter().map(|(name, outcome)| {
        format!(
            "  {name:<20} {:>3} appels de la formatrice, {:>2} de la coopérative ; reste à faire : {} ; session {}",
            outcome.trainer_calls, outcome.cooperative_calls, outcome.todo, outcome.session
        )
    });
    story.work().await?;
    let papers = papers(&story).await?;
    let mails = fs::read_dir(folder.join("mail")).map_or(0, Iterator::count);
    println!("\nDu premier appel au dossier du financeur :");
    for line in lines {
        println!("{line}");
    }
    println!("\nDocuments (papers/*.pdf) et mails (mail/*.eml) :");
    for (kind, count) in &papers {
        println!("  {kind:<20} {count:>4}");
    }
    println!("  {:<20} {mails:>4}", "mails");
    println!("\nFait en {:.1} s. Clés à essayer :", begun.elapsed().as_secs_f64());
    for (who, key) in [
        ("formatrice", &set.trainer_key),
        ("coopérative", &set.officer_key),
        ("administration", &administrator_key),
        ("auditrice", &set.auditor_key),
    ] {
        println!("  {who:<15} {key}");
    }
    println!("  activité        {}", set.activity);
    if serve { go_on(story, &settings, &folder).await } else { story.stage.app.db.close().await.map_err(Error::from) }
}

/// The first user is made by the operator, as `clairiere key create` does.
async fn administrator(stage: &Stage) -> Result<String> {
    let mut ctx = Ctx::operator(&stage.app);
    let mut tx = ctx.begin().await?;
    let user = NewUser {
        first_name: "Armelle".into(),
        last_name: "Quintard".into(),
        email: "administration@example.org".into(),
        role: Role::CoopAdmin,
        expires_at: None,
    };
    let user = create_user(&mut tx, user).await?;
    let key = NewKey {
        label: "Démonstration : administration".into(),
        permissions: None,
        activities: None,
        expires_at: None,
    };
    let made = create_key(&mut tx, &*stage.app.ids, user.id, key).await?;
    tx.commit().await?;
    Ok(made.secret)
}

/// Fetch every paper by the download endpoint; answers how many of each kind.
async fn papers(story: &Story) -> Result<BTreeMap<String, usize>> {
    let mut counts = BTreeMap::new();
    let mut after = String::new();
    loop {
        let page = story.cooperative.get(&format!("/v1/documents?limit=100{after}")).await?;
        for paper in page["items"].as_array().into_iter().flatten() {
            let text = |name: &str| paper[name].as_str().unwrap_or_default().to_owned();
            let bytes = story.cooperative.download(&format!("/v1/documents/{}/file", id(paper))).await?;
            let file = story.stage.folder.join("papers").join(format!("{}-{}.pdf", text("kind"), text("reference")));
            disk::write(&file, &bytes).map_err(|error| Error::Internal(format!("{}: {error}", file.display())))?;
            *counts.entry(text("kind")).or_default() += 1;
        }
        match &page["next"] {
            Value::String(next) => after = format!("&after={next}"),
            _ => return Ok(counts),
        }
    }
}

/// Serve what was played, with the machine's clock.
async fn go_on(story: Story, settings: &Settings, folder: &std::path::Path) -> Result<()> {
    story.stage.app.db.close().await?;
    drop(story);
    let settings = stage::settings(settings, folder);
    let mail = Arc::new(Folder::new(&settings.mail_dir));
    let app = start::with(settings, Arc::new(MachineClock), Arc::new(RandomIds), mail, Opening::default()).await?;
    println!("\nCtrl-C pour arrêter.");
    operate::listen(app, true).await
}
