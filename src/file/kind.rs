//! What a file is, told by its first bytes: what is not on the list is refused, so that nothing can be run by a browser.

use crate::platform::error::{Error, Result};

/// The media type of these bytes.
pub fn media_type(bytes: &[u8]) -> Result<&'static str> {
    if bytes.is_empty() {
        return Err(Error::invalid("/file", "file.empty", "Ce fichier est vide.", "This file is empty."));
    }
    let begins = |with: &[u8]| bytes.starts_with(with);
    if begins(b"%PDF-") {
        Ok("application/pdf")
    } else if begins(b"\x89PNG\r\n\x1a\n") {
        Ok("image/png")
    } else if begins(b"\xff\xd8\xff") {
        Ok("image/jpeg")
    } else if std::str::from_utf8(bytes).is_ok_and(is_plain) {
        Ok("text/plain; charset=utf-8")
    } else {
        Err(Error::invalid(
            "/file",
            "file.type",
            "Ce fichier n’est ni un PDF, ni une image PNG ou JPEG, ni un texte en UTF-8 : convertissez-le d’abord.",
            "This file is neither a PDF, nor a PNG or JPEG picture, nor a UTF-8 text: convert it first.",
        ))
    }
}

/// Text for people: no control characters, no markup that a browser could run.
fn is_plain(text: &str) -> bool {
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    !start.starts_with('<') && !text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
}

/// A name to save the file under: no path, no control characters, not too long.
pub fn clean_name(given: Option<&str>, media_type: &str) -> String {
    let last = given.unwrap_or_default().rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|c| !c.is_control()).collect();
    let kept: String = kept.trim().trim_start_matches('.').chars().take(150).collect();
    if !kept.is_empty() {
        return kept;
    }
    match media_type {
        "application/pdf" => "fichier.pdf",
        "image/png" => "fichier.png",
        "image/jpeg" => "fichier.jpg",
        _ => "fichier.txt",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_says_what_a_file_is() {
        assert_eq!(media_type(b"%PDF-1.7 ...").unwrap(), "application/pdf");
        assert_eq!(media_type("Article 1. Été".as_bytes()).unwrap(), "text/plain; charset=utf-8");
        assert_eq!(media_type(b"\xff\xd8\xff\xe0").unwrap(), "image/jpeg");
        for bad in [b"PK\x03\x04".as_slice(), b" <svg onload='x()'/>", b"<html>", b"\xe9t\xe9", b"a\x00b"] {
            assert_eq!(media_type(bad).unwrap_err().code(), "invalid");
        }
    }

    #[test]
    fn a_name_never_leads_elsewhere() {
        assert_eq!(clean_name(Some("C:\\docs\\CV Zoé.pdf"), "application/pdf"), "CV Zoé.pdf");
        assert_eq!(clean_name(Some("../../etc/passwd"), "text/plain"), "passwd");
        assert_eq!(clean_name(Some("..\n"), "image/png"), "fichier.png");
        assert_eq!(clean_name(None, "application/pdf"), "fichier.pdf");
    }
}
