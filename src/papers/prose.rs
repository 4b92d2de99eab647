//! A text that the cooperative publishes, as blocks of a paper: headings, articles, lists, paragraphs.

use crate::pdf::{Block, Rich, Span};

/// How long the title of an article may be, before its first full stop.
const TITLE: usize = 120;

/// Blocks of a text whose paragraphs are separated by empty lines. A line after `#` is a heading, « Article 3 – Objet. »
/// opens an article, lines after `- ` are a list, and words between `**` stand out.
pub fn prose(text: &str) -> Vec<Block> {
    let text = text.replace("\r\n", "\n");
    let mut paragraphs: Vec<Vec<&str>> = vec![vec![]];
    for line in text.lines().map(str::trim) {
        match (line.is_empty(), paragraphs.last_mut()) {
            (false, Some(open)) => open.push(line),
            _ => paragraphs.push(vec![]),
        }
    }
    paragraphs.into_iter().flat_map(paragraph).collect()
}

fn paragraph(lines: Vec<&str>) -> Vec<Block> {
    let mut blocks = vec![];
    let mut rest = lines.as_slice();
    while let Some((first, after)) = rest.split_first() {
        if let Some(title) = heading(first) {
            blocks.push(Block::heading(title));
            rest = after;
            continue;
        }
        if item(first).is_some() {
            let count = rest.iter().take_while(|line| item(line).is_some()).count();
            blocks.push(Block::bullets(rest[..count].iter().filter_map(|line| item(line)).map(rich)));
            rest = &rest[count..];
            continue;
        }
        let count = rest.iter().take_while(|line| heading(line).is_none() && item(line).is_none()).count();
        let mut said = rest[..count].join("\n");
        if let Some((title, body)) = article(&said) {
            blocks.push(Block::heading(title));
            said = body;
        }
        if !said.is_empty() {
            blocks.push(Block::paragraph(rich(&said)));
        }
        rest = &rest[count..];
    }
    blocks
}

/// Every second part between `**` is bold, when they come in pairs.
fn rich(text: &str) -> Rich {
    let parts: Vec<&str> = text.split("**").collect();
    if parts.len().is_multiple_of(2) {
        return text.into();
    }
    let spans = parts.into_iter().enumerate().filter(|(_, part)| !part.is_empty());
    Rich(spans.map(|(n, part)| if n % 2 == 1 { Span::bold(part) } else { Span::plain(part) }).collect())
}

fn heading(line: &str) -> Option<&str> {
    let title = line.strip_prefix('#')?.trim_start_matches('#').trim();
    (!title.is_empty()).then_some(title)
}

fn item<'a>(line: &&'a str) -> Option<&'a str> {
    ["- ", "• ", "* "].into_iter().find_map(|mark| line.strip_prefix(mark)).map(str::trim)
}

/// « Article 1 – Objet. Ce règlement… »: the title, and what it says.
fn article(said: &str) -> Option<(String, String)> {
    let number = said.strip_prefix("Article ")?.chars().next()?;
    if !number.is_alphanumeric() {
        return None;
    }
    let end = said.find(". ").or_else(|| said.find(".\n"))?;
    let (title, body) = said.split_at(end);
    (title.chars().count() <= TITLE && !title.contains('\n'))
        .then(|| (title.to_owned(), body.trim_start_matches('.').trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let words = |rich: &crate::pdf::Rich| rich.0.iter().map(|span| span.text.as_str()).collect::<String>();
        prose(text)
            .iter()
            .map(|block| match block {
                Block::Heading(title) => format!("# {title}"),
                Block::Paragraph { text, .. } => words(text),
                Block::Bullets(items) => items.iter().map(words).collect::<Vec<_>>().join(" | "),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn articles_lists_and_headings_are_told_apart() {
        let text = "# Bienvenue\nLisez ceci.\n\nArticle 1 – Objet. Ce règlement s’applique.\nPartout.\n\nApportez :\n- un stylo\n- un \
                    cahier\net de l’eau.";
        assert_eq!(
            told(text),
            [
                "# Bienvenue",
                "Lisez ceci.",
                "# Article 1 – Objet",
                "Ce règlement s’applique.\nPartout.",
                "Apportez :",
                "un stylo | un cahier",
                "et de l’eau."
            ]
        );
    }

    #[test]
    fn words_between_stars_stand_out_when_these_come_in_pairs() {
        let bold = vec![Span::plain("Remis à "), Span::bold("Zoé"), Span::plain(".")];
        assert_eq!(prose("Remis à **Zoé**."), [Block::paragraph(bold.clone())]);
        assert_eq!(prose("- Remis à **Zoé**."), [Block::bullets([bold])]);
        assert_eq!(prose("2 ** 3"), [Block::paragraph("2 ** 3")]);
    }

    #[test]
    fn an_article_without_title_and_a_sentence_about_articles() {
        assert_eq!(told("Article 2. Chacun veille."), ["# Article 2", "Chacun veille."]);
        assert_eq!(told("Articles divers. Voilà."), ["Articles divers. Voilà."]);
        assert_eq!(told("\n\n#\n"), ["#"]);
    }
}
