//! The stage and its people, while the story is told.

use std::sync::Arc;

use chrono::{Months, NaiveDateTime};
use poem::{EndpointExt, Response, endpoint::BoxEndpoint};
use serde_json::Value;

use super::{
    player::Player,
    stage::Stage,
    training::{Training, day},
};
use crate::{
    pdf::{self, Block, Paper},
    platform::{
        calendar,
        error::{Error, Result},
    },
    start, work,
};

/// The stage and its people.
pub struct Story {
    /// Where it plays.
    pub stage: Stage,
    /// The trainer.
    pub trainer: Player,
    /// The cooperative's training officer.
    pub cooperative: Player,
    /// The cooperative's administrator.
    pub administrator: Player,
    /// The signatory by delegation.
    pub delegate: String,
}

/// The route that every player calls.
pub fn route(stage: &Stage) -> Arc<BoxEndpoint<'static, Response>> {
    Arc::new(start::route(&stage.app).map_to_response().boxed())
}

impl Story {
    /// The clock shows this Paris day and time; what fell due meanwhile is carried out.
    pub async fn at(&self, local: &str) -> Result<()> {
        let local = NaiveDateTime::parse_from_str(local, "%Y-%m-%dT%H:%M").map_err(Error::internal)?;
        let instant = calendar::at(local.date(), local.time());
        // Mails leave at the time they were due, not when the story comes back to them.
        while self.stage.clock.behind(instant) {
            self.work().await?;
            self.stage.clock.towards(instant, chrono::TimeDelta::days(1));
        }
        self.work().await
    }

    /// Carry out what is due.
    pub async fn work(&self) -> Result<()> {
        while work::run_due(&self.stage.app).await? > 0 {}
        Ok(())
    }

    /// A line of progress.
    pub fn tell(&self, training: &str, step: &str) {
        let now = calendar::local(crate::platform::clock::Clock::now(&self.stage.clock));
        println!("  {}  {training} – {step}", now.format("%d/%m/%Y %H:%M"));
    }

    /// The days in words.
    pub fn period(&self, days: &[&str]) -> String {
        let days: Vec<_> = days.iter().filter_map(|text| text.parse().ok()).collect();
        calendar::dates(&days)
    }

    /// Some months after the last day.
    pub fn months_after(&self, days: &[&str], months: u32) -> Result<String> {
        let last = day(days.last().copied().unwrap_or_default())?;
        Ok(last.checked_add_months(Months::new(months)).unwrap_or(last).to_string())
    }

    /// Name and quality of whoever signs for the client.
    pub fn signatory_of(&self, training: &Training) -> (String, String) {
        let contact = &training.client["contacts"][0];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let name = format!("{} {}", text(&contact["person"]["first_name"]), text(&contact["person"]["birth_name"]));
        (name, text(&contact["quality"]))
    }

    /// The identifier of a funder, by its code.
    pub async fn funder(&self, code: &str) -> Result<Value> {
        let funders = self.administrator.get("/v1/funders").await?;
        let found = funders["items"].as_array().into_iter().flatten().find(|funder| funder["code"] == code);
        found.map(|funder| funder["id"].clone()).ok_or_else(|| Error::internal(format!("no funder {code}")))
    }

    /// A signed page, as a scanner would make it.
    pub async fn scan(&self, title: &str) -> Result<Vec<u8>> {
        let now = crate::platform::clock::Clock::now(&self.stage.clock);
        let paper = Paper::portrait(title)
            .reference("SCAN")
            .issued_at(now)
            .watermark("SPÉCIMEN")
            .push(Block::title(title))
            .push(Block::paragraph("Copie numérisée d’un exemplaire signé à la main par les deux parties."));
        crate::platform::heavy::here(|| pdf::render(&paper)).map_err(Error::internal)
    }
}
