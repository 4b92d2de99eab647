//! XMP metadata: what the file claims to be, and who made it when.

use crate::pdf::Paper;

const ACCESSIBILITY: &str = "http://www.aiim.org/pdfua/ns/id/";

/// The packet; it must say the same as the information dictionary.
pub fn packet(paper: &Paper) -> Vec<u8> {
    let date = paper.issued_at.format("%Y-%m-%dT%H:%M:%S+00:00");
    let creator = if paper.author.is_empty() {
        String::new()
    } else {
        format!("<dc:creator><rdf:Seq><rdf:li>{}</rdf:li></rdf:Seq></dc:creator>", escaped(&paper.author))
    };
    let identification = "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>";
    let dublin_core = format!(
        "<dc:format>application/pdf</dc:format>\
         <dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{}</rdf:li></rdf:Alt></dc:title>{creator}\
         <dc:language><rdf:Bag><rdf:li>fr-FR</rdf:li></rdf:Bag></dc:language>",
        escaped(&paper.title),
    );
    let dates = format!("<xmp:CreateDate>{date}</xmp:CreateDate><xmp:ModifyDate>{date}</xmp:ModifyDate>");
    let descriptions = [
        description(&[("pdfaid", "http://www.aiim.org/pdfa/ns/id/")], identification),
        description(&[("dc", "http://purl.org/dc/elements/1.1/")], &dublin_core),
        description(&[("xmp", "http://ns.adobe.com/xap/1.0/")], &dates),
        description(&[("pdfuaid", ACCESSIBILITY)], "<pdfuaid:part>1</pdfuaid:part>"),
        schemas(),
    ];
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">{}</rdf:RDF></x:xmpmeta>\
         <?xpacket end=\"w\"?>",
        descriptions.concat(),
    )
    .into_bytes()
}

fn description(namespaces: &[(&str, &str)], properties: &str) -> String {
    let namespaces: Vec<String> = namespaces.iter().map(|(prefix, uri)| format!(" xmlns:{prefix}=\"{uri}\"")).collect();
    format!("<rdf:Description rdf:about=\"\"{}>{properties}</rdf:Description>", namespaces.concat())
}

/// PDF/A knows its own properties only: those of PDF/UA come with a description.
fn schemas() -> String {
    let property = "<rdf:li rdf:parseType=\"Resource\"><pdfaProperty:name>part</pdfaProperty:name>\
        <pdfaProperty:valueType>Integer</pdfaProperty:valueType><pdfaProperty:category>internal</pdfaProperty:category>\
        <pdfaProperty:description>Part of PDF/UA</pdfaProperty:description></rdf:li>";
    let schema = format!(
        "<rdf:li rdf:parseType=\"Resource\"><pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>\
         <pdfaSchema:namespaceURI>{ACCESSIBILITY}</pdfaSchema:namespaceURI><pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>\
         <pdfaSchema:property><rdf:Seq>{property}</rdf:Seq></pdfaSchema:property></rdf:li>"
    );
    description(
        &[
            ("pdfaExtension", "http://www.aiim.org/pdfa/ns/extension/"),
            ("pdfaSchema", "http://www.aiim.org/pdfa/ns/schema#"),
            ("pdfaProperty", "http://www.aiim.org/pdfa/ns/property#"),
        ],
        &format!("<pdfaExtension:schemas><rdf:Bag>{schema}</rdf:Bag></pdfaExtension:schemas>"),
    )
}

/// What XML can carry; the information dictionary says the same.
pub fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}')).collect()
}

fn escaped(text: &str) -> String {
    plain(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
