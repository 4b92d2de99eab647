//! Papers laid out again with their signatures: each bears its code once, before the page of proofs.

use clairiere::{
    papers::signed::{Place, Presented, Signature, render_signed},
    pdf::Pictures,
    platform::{audit::sha256, heavy::here},
};

use super::{
    keep,
    making::papers,
    reader::{folded, pages},
};

fn signature(place: Place, who: &str) -> Signature {
    Signature {
        place,
        who: vec![who.into()],
        typed: Some(who.into()),
        picture: None,
        lines: vec!["Signé électroniquement le 24 mars 2026 à 9 h".into()],
        evidence: vec!["Niveau simple".into()],
        proof: vec![("Signataire".into(), who.into())],
        scan: None,
    }
}

#[tokio::test]
async fn a_signed_paper_bears_its_code_once_before_the_proofs() {
    let mut seen = vec![];
    for paper in papers().await {
        if !["agreement", "amendment", "certificate", "attestation"].contains(&paper.kind.as_str()) {
            continue;
        }
        let presented = Presented { name: "presente.pdf".into(), sha256: sha256(&paper.bytes), bytes: paper.bytes };
        let both = [signature(Place::Provider, "Rosa Bellanger"), signature(Place::Other, "Paul Moreau")];
        let given = if paper.kind.starts_with('a') { &both[..] } else { &both[..1] };
        let bytes = here(|| render_signed(&paper.row, &Pictures::default(), &presented, given)).unwrap();
        keep(&format!("signed-{}", paper.name), &bytes);
        let said = folded(&pages(&bytes).concat());
        let codes: Vec<usize> = said.match_indices(&folded("photographiez ce carré")).map(|(at, _)| at).collect();
        let proofs = said.find(&folded("Preuve des signatures")).expect("a page of proofs");
        assert!(matches!(codes[..], [at] if at < proofs), "{}: {codes:?}, proofs at {proofs}", paper.name);
        seen.push(paper.name);
    }
    for name in ["contrat", "convention", "certificat"] {
        assert!(seen.contains(&name), "no signed {name}");
    }
}
