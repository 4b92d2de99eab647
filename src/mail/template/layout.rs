//! One body, two layouts: plain text and an HTML page.

/// Width of the plain text, in characters.
const WIDTH: usize = 74;

/// A piece of the body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// Lines of one paragraph.
    Paragraph(Vec<String>),
    /// Items of one list.
    List(Vec<String>),
}

/// Cuts a rendered body into its paragraphs and lists.
pub(super) fn blocks(body: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for line in body.lines() {
        let text = line.trim();
        if text.is_empty() {
            open = false;
            continue;
        }
        let item = text.strip_prefix("- ").map(|item| item.trim().to_owned());
        match (item, blocks.last_mut().filter(|_| open)) {
            (Some(item), Some(Block::List(items))) => items.push(item),
            (Some(item), _) => blocks.push(Block::List(vec![item])),
            (None, Some(Block::Paragraph(lines))) => lines.push(text.to_owned()),
            // An indented line goes on with the item above it.
            (None, Some(Block::List(items))) if line.starts_with(' ') => {
                if let Some(last) = items.last_mut() {
                    last.push(' ');
                    last.push_str(text);
                }
            }
            (None, _) => blocks.push(Block::Paragraph(vec![text.to_owned()])),
        }
        open = true;
    }
    blocks
}

/// The plain text: wrapped lines, then who writes.
pub(super) fn plain(blocks: &[Block], identity: &[String]) -> String {
    let mut out = String::new();
    for block in blocks {
        match block {
            Block::Paragraph(lines) => lines.iter().for_each(|line| wrap(&mut out, "", line)),
            Block::List(items) => items.iter().for_each(|item| wrap(&mut out, "- ", item)),
        }
        out.push('\n');
    }
    if !identity.is_empty() {
        // Two dashes and a space: readers fold what follows away when they answer.
        out.push_str("-- \n");
        for line in identity {
            wrap(&mut out, "", line);
        }
    }
    out
}

/// Adds a line, cut at plain spaces; what is longer than a line, a link for instance, stays whole.
fn wrap(out: &mut String, bullet: &str, text: &str) {
    let mut column = bullet.chars().count();
    out.push_str(bullet);
    for (i, word) in text.split(' ').filter(|word| !word.is_empty()).enumerate() {
        let length = word.chars().count();
        if i > 0 && column + 1 + length > WIDTH {
            out.push('\n');
            out.extend(bullet.chars().map(|_| ' '));
            column = bullet.chars().count();
        } else if i > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out.push('\n');
}

/// The HTML page: one column that fits a telephone, styles inline because readers drop the others.
pub(super) fn page(subject: &str, brand: &str, blocks: &[Block], identity: &[String]) -> String {
    let mut body = String::new();
    for block in blocks {
        match block {
            Block::Paragraph(lines) => {
                let lines: Vec<String> = lines.iter().map(|line| linked(line)).collect();
                body.push_str(&format!("<p style=\"margin:0 0 16px\">{}</p>\n", lines.join("<br>\n")));
            }
            Block::List(items) => {
                body.push_str("<ul style=\"margin:0 0 16px;padding:0 0 0 24px\">\n");
                for item in items {
                    body.push_str(&format!("<li style=\"margin:0 0 4px\">{}</li>\n", linked(item)));
                }
                body.push_str("</ul>\n");
            }
        }
    }
    let header = match brand {
        "" => String::new(),
        brand => format!("<p style=\"{HEADER}\">{}</p>\n", escaped(brand)),
    };
    let footer = match identity {
        [] => String::new(),
        lines => {
            let lines: Vec<String> = lines.iter().map(|line| linked(line)).collect();
            format!("<p style=\"{FOOTER}\">{}</p>\n", lines.join("<br>\n"))
        }
    };
    let subject = escaped(subject);
    format!(
        "<!DOCTYPE html>\n<html lang=\"fr\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light\">\n<title>{subject}</title>\n</head>\n\
         <body style=\"margin:0;padding:0;background:#f4f4f1\">\n\
         <table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" style=\"background:#f4f4f1\"><tr>\
         <td align=\"center\" style=\"padding:24px 12px\">\n\
         <table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" style=\"{SHEET}\"><tr>\
         <td style=\"{TEXT}\">\n{header}{body}{footer}</td></tr></table>\n</td></tr></table>\n</body>\n</html>\n"
    )
}

const SHEET: &str = "max-width:600px;background:#ffffff;border-radius:6px";
const TEXT: &str = "padding:24px;font-family:system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif;font-size:16px;line-height:1.5;\
                    color:#1f2421;text-align:left;overflow-wrap:anywhere";
const HEADER: &str =
    "margin:0 0 24px;padding:0 0 12px;border-bottom:2px solid #2f6b4f;font-size:18px;font-weight:bold;color:#2f6b4f";
const FOOTER: &str = "margin:24px 0 0;padding:12px 0 0;border-top:1px solid #d5d8d2;font-size:13px;color:#565d58";
const LINK: &str = "color:#1d5a8a;text-decoration:underline";

/// Escaped text whose web addresses can be clicked.
fn linked(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some(start) = ["https://", "http://"].iter().filter_map(|scheme| rest.find(scheme)).min() {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '»')).unwrap_or(from.len());
        // A sentence's last sign is not part of the address it ends with.
        let link = from[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '’', '\'']);
        out.push_str(&escaped(before));
        out.push_str(&format!("<a href=\"{0}\" style=\"{LINK}\">{0}</a>", escaped(link)));
        rest = &from[link.len()..];
    }
    out.push_str(&escaped(rest));
    out
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_cut_into_paragraphs_and_lists() {
        let seen = blocks("Bonjour,\nà lundi\n- un\n  peu\n- deux\nfin\n\n\nPaul");
        let strings = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect();
        assert_eq!(
            seen,
            [
                Block::Paragraph(strings(&["Bonjour,", "à lundi"])),
                Block::List(strings(&["un peu", "deux"])),
                Block::Paragraph(strings(&["fin"])),
                Block::Paragraph(strings(&["Paul"])),
            ]
        );
    }

    #[test]
    fn lines_are_cut_at_spaces_and_links_stay_whole() {
        let mut out = String::new();
        let link = format!("https://example.org/{}", "x".repeat(90));
        wrap(&mut out, "- ", &format!("{} {link} fin", "mot ".repeat(20)));
        let lines: Vec<&str> = out.lines().collect();
        assert!(lines[0].chars().count() <= WIDTH && lines[1].starts_with("  mot"), "{out}");
        assert!(lines.iter().any(|line| line.trim() == link), "{out}");
    }

    #[test]
    fn a_link_ends_before_the_sign_that_ends_its_sentence() {
        let seen = linked("voir (https://example.org/a?b=1). Et http://example.org!");
        assert!(seen.contains("href=\"https://example.org/a?b=1\"") && seen.contains("</a>). Et "), "{seen}");
        assert!(seen.ends_with("http://example.org</a>!"), "{seen}");
        assert!(!linked("javascript:alert(1)").contains("href"));
    }
}
