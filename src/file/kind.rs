//! What a file is, told by its first bytes: what is not on the list is refused, so that nothing can be run by a browser.

use entity::stored_file;
use unicode_normalization::UnicodeNormalization as _;

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

/// Endings that name what a file is: the content has said it better, and some of them are programs.
const ENDINGS: &[&str] = &[
    "pdf",
    "png",
    "jpg",
    "jpeg",
    "jpe",
    "gif",
    "webp",
    "bmp",
    "tif",
    "tiff",
    "ico",
    "svg",
    "svgz",
    "txt",
    "csv",
    "tsv",
    "md",
    "json",
    "xml",
    "xsl",
    "xslt",
    "yaml",
    "yml",
    "ini",
    "conf",
    "reg",
    "inf",
    "eml",
    "msg",
    "ics",
    "vcf",
    "htm",
    "html",
    "xhtml",
    "xht",
    "shtml",
    "mht",
    "mhtml",
    "hta",
    "htc",
    "js",
    "mjs",
    "cjs",
    "jse",
    "ts",
    "css",
    "php",
    "phtml",
    "phar",
    "asp",
    "aspx",
    "jsp",
    "cgi",
    "swf",
    "exe",
    "com",
    "bat",
    "cmd",
    "scr",
    "pif",
    "cpl",
    "msi",
    "msp",
    "mst",
    "msix",
    "appx",
    "appref-ms",
    "application",
    "gadget",
    "vb",
    "vbs",
    "vbe",
    "ws",
    "wsf",
    "wsc",
    "wsh",
    "ps1",
    "ps2",
    "psc1",
    "psd1",
    "psm1",
    "lnk",
    "url",
    "website",
    "webloc",
    "desktop",
    "scf",
    "library-ms",
    "jar",
    "jnlp",
    "war",
    "apk",
    "ipa",
    "dll",
    "sys",
    "drv",
    "ocx",
    "so",
    "dylib",
    "bin",
    "dmg",
    "pkg",
    "deb",
    "rpm",
    "sh",
    "bash",
    "zsh",
    "csh",
    "ksh",
    "fish",
    "command",
    "py",
    "pyc",
    "pyw",
    "rb",
    "pl",
    "pm",
    "lua",
    "awk",
    "tcl",
    "cpp",
    "java",
    "zip",
    "rar",
    "7z",
    "tar",
    "gz",
    "tgz",
    "bz2",
    "xz",
    "zst",
    "cab",
    "iso",
    "img",
    "vhd",
    "vhdx",
    "chm",
    "hlp",
    "doc",
    "docx",
    "docm",
    "dot",
    "dotx",
    "dotm",
    "rtf",
    "xls",
    "xlsx",
    "xlsm",
    "xlsb",
    "xlt",
    "xltm",
    "xla",
    "xlam",
    "xll",
    "slk",
    "iqy",
    "ppt",
    "pptx",
    "pptm",
    "pps",
    "ppsx",
    "ppsm",
    "pot",
    "potm",
    "ppam",
    "odt",
    "ods",
    "odp",
    "odg",
    "mdb",
    "accdb",
    "sql",
    "db",
    "sqlite",
    "settingcontent-ms",
    "search-ms",
    "diagcab",
    "wim",
    "rdp",
    "crx",
    "xpi",
];

/// The endings that a file of this type may keep; the first is given to those that have none of them.
fn allowed(media_type: &str) -> &'static [&'static str] {
    match media_type.split(';').next().unwrap_or_default() {
        "application/pdf" => &["pdf"],
        "image/png" => &["png"],
        "image/jpeg" => &["jpg", "jpeg"],
        _ => &["txt", "csv", "md"],
    }
}

/// The name under which a file is saved by whoever receives it.
pub fn saved_name(file: &stored_file::Model) -> String {
    clean_name(Some(&file.file_name), &file.media_type)
}

/// A name to save a file under: no path, nothing that cannot be seen or that turns the direction of the text, none of
/// the signs that file systems keep for themselves, not too long; its ending is the one of its content, and it has no
/// other.
pub fn clean_name(given: Option<&str>, media_type: &str) -> String {
    let last = given.unwrap_or_default().rsplit(['/', '\\']).next().unwrap_or_default();
    let seen = |c: &char| !c.is_control() && !invisible(*c);
    let kept = |c: char| if "<>:\"|?*".contains(c) { '-' } else { c };
    let name: String = last.nfc().filter(seen).map(kept).collect();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut stem = trimmed(&name);
    let mut ending = allowed(media_type)[0];
    if let Some(own) = ending_of(stem).and_then(|own| allowed(media_type).iter().find(|one| **one == own)) {
        ending = own;
    }
    // « facture.pdf.exe » and « facture.exe.pdf » are both « facture.pdf ».
    while let Some(own) = ending_of(stem).filter(|own| ENDINGS.contains(&own.as_str())) {
        stem = trimmed(stem.get(..stem.len() - own.len()).unwrap_or_default());
    }
    let stem: String = stem.chars().take(140).collect();
    let stem = match trimmed(&stem) {
        "" => "fichier".to_owned(),
        device if reserved(device) => format!("fichier-{device}"),
        stem => stem.to_owned(),
    };
    format!("{stem}.{ending}")
}

/// The last ending of a name, in small letters.
fn ending_of(name: &str) -> Option<String> {
    name.rsplit_once('.').map(|(_, ending)| ending.trim().to_ascii_lowercase())
}

/// Neither hidden, nor ending as file systems do not let it.
fn trimmed(name: &str) -> &str {
    name.trim_matches([' ', '.', '\u{a0}'])
}

/// Marks of direction, joiners, fillers, tags, private letters: what a reader does not see, or sees as something else.
fn invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{e000}'..='\u{f8ff}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{ffff}' | '\u{e0000}'..='\u{10ffff}'
    )
}

/// Names that Windows keeps for devices.
fn reserved(stem: &str) -> bool {
    let name = stem.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = |with: &str| name.strip_prefix(with).is_some_and(|rest| matches!(rest.as_bytes(), [b'0'..=b'9']));
    matches!(name.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT")
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
    fn a_name_never_leads_elsewhere_and_ends_as_its_content() {
        let pdf = |name: &str| clean_name(Some(name), "application/pdf");
        let text = |name: &str| clean_name(Some(name), "text/plain; charset=utf-8");
        assert_eq!(pdf("C:\\docs\\CV Zoé.pdf"), "CV Zoé.pdf");
        assert_eq!(clean_name(Some("..\n"), "image/png"), "fichier.png");
        assert_eq!(clean_name(None, "application/pdf"), "fichier.pdf");
        assert_eq!(text("../../etc/passwd"), "passwd.txt");
        for name in
            ["facture.pdf.exe", "facture.exe.pdf", "facture.PDF", "facture.html", "facture . exe", "..facture.js."]
        {
            assert_eq!(pdf(name), "facture.pdf", "{name}");
        }
        assert_eq!(pdf("facture\u{202e}fdp.exe"), "facturefdp.pdf", "no mark turns the text around");
        assert_eq!(pdf("plan v1.2 du 3.4.pdf"), "plan v1.2 du 3.4.pdf");
        assert_eq!(pdf("M. Côté.pdf"), "M. Côté.pdf");
        assert_eq!(clean_name(Some("photo.JPEG"), "image/jpeg"), "photo.jpeg");
        assert_eq!(clean_name(Some("photo.png"), "image/jpeg"), "photo.jpg");
        assert_eq!((text("liste.CSV"), text("page.html")), ("liste.csv".into(), "page.txt".into()));
        assert_eq!(
            (pdf("con.pdf"), pdf("NUL"), pdf("a<b>|c?.pdf")),
            ("fichier-con.pdf".into(), "fichier-NUL.pdf".into(), "a-b--c-.pdf".into())
        );
        assert_eq!(pdf("Cote\u{301}  \u{200b} été.pdf"), "Coté été.pdf");
        assert_eq!(pdf(&"é".repeat(400)).chars().count(), 144);
    }

    #[test]
    fn a_clean_name_is_clean() {
        for name in ["facture.pdf.exe", "con", "..", "a.b.c", "x.html", " é .txt", "fichier-NUL.pdf", ".htaccess"] {
            for media_type in ["application/pdf", "image/png", "image/jpeg", "text/plain; charset=utf-8"] {
                let once = clean_name(Some(name), media_type);
                assert_eq!(clean_name(Some(&once), media_type), once, "{name}");
            }
        }
    }
}
