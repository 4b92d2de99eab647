//! Operations on files from outside.

use entity::stored_file::{Column, Entity};
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::upload::{FileOut, NewFile, Purpose, content, place, receive};
use crate::{
    api::Tag,
    platform::{
        access::Allow,
        answer::{File, Found, Made, View},
        error::Result,
        page::{Page, PageQuery},
        permission::{FilesManage, FilesRead},
    },
};

/// Files.
pub struct FilesApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Documents")]
impl FilesApi {
    /// List files, newest first.
    #[oai(path = "/files", method = "get", operation_id = "list_files")]
    async fn list_files(
        &self,
        auth: Allow<FilesRead>,
        purpose: Query<Option<Purpose>>,
        page: PageQuery,
    ) -> Result<View<Page<FileOut>>> {
        let of_purpose = purpose.0.map(|purpose| Column::Purpose.eq(purpose.name()));
        let (rows, next) = auth.ctx.scope().find::<Entity>().filter_some(of_purpose).page_rows(&page).await?;
        let items = rows.into_iter().map(FileOut::try_from).collect::<Result<_>>()?;
        Ok(View(Page { items, next }))
    }

    /// Bring a file, 20 MiB at most: PDF, PNG, JPEG or UTF-8 text, told by its content.
    #[oai(path = "/files", method = "post", operation_id = "create_file")]
    async fn create_file(&self, mut auth: Allow<FilesManage>, form: NewFile) -> Result<Made<FileOut>> {
        let row = receive(&mut auth.ctx, form).await?;
        Ok(Made(place(row.id), row.try_into()?))
    }

    /// Read what a file is.
    #[oai(path = "/files/:id", method = "get", operation_id = "get_file")]
    async fn get_file(&self, auth: Allow<FilesRead>, id: Path<Uuid>) -> Result<Found<FileOut>> {
        Ok(Found(auth.ctx.scope().get::<Entity>(id.0).await?.try_into()?))
    }

    /// Download a file; it is never shown inside the browser.
    #[oai(path = "/files/:id/content", method = "get", operation_id = "download_file")]
    async fn download_file(&self, auth: Allow<FilesRead>, id: Path<Uuid>) -> Result<File> {
        content(&auth.ctx, id.0).await
    }
}
