//! An attendance sheet of 24 people and 6 half-days, signed by 144 drawings that are all different.

use std::io::Cursor;

use clairiere::pdf::{self, Block, Grid, GridCell, GridRow, Paper, Picture, SignatureBox};

const PEOPLE: usize = 24;
const HALVES: usize = 6;

/// The files that people's fingers left.
pub struct Drawn {
    files: Vec<Vec<u8>>,
    pictures: Vec<Picture>,
}

impl Drawn {
    pub fn new() -> Self {
        let files: Vec<Vec<u8>> = (0..PEOPLE * HALVES).map(stroke).collect();
        let pictures = files.iter().map(|file| Picture::decode(file).expect("a PNG of ours")).collect();
        Self { files, pictures }
    }

    /// Read from their files again, as for a sheet that is rendered once.
    pub fn read(&self) -> Vec<Picture> {
        self.files.iter().map(|file| Picture::decode(file).expect("a PNG of ours")).collect()
    }

    /// Read and compressed before.
    pub fn kept(&self) -> Vec<Picture> {
        self.pictures.clone()
    }
}

/// A wavy line with soft edges on a transparent ground, 360 × 120, as a PNG file.
fn stroke(n: usize) -> Vec<u8> {
    let mut picture = image::RgbaImage::new(360, 120);
    let (speed, rise, turn) = (14.0 + (n % 7) as f32, 18.0 + (n % 5) as f32 * 6.0, n as f32 / 9.0);
    for step in 0..1200 {
        let x = 20.0 + step as f32 / 1200.0 * 320.0;
        let y = 60.0 + rise * (x / speed + turn).sin() * (x / 41.0 + turn).cos();
        for (dx, dy) in (0..16).map(|at| (at % 4, at / 4)) {
            let (column, row) = (x as u32 + dx, y as u32 + dy);
            let distance = (column as f32 - x - 1.5).hypot(row as f32 - y - 1.5);
            let opacity = ((2.0 - distance) * 255.0).clamp(0.0, 255.0) as u8;
            if let Some(pixel) = picture.get_pixel_mut_checked(column, row) {
                pixel.0 = [18, 28, 92, opacity.max(pixel.0[3])];
            }
        }
    }
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, image::ImageOutputFormat::Png).expect("memory can be written");
    file.into_inner()
}

/// The sheet with these signatures.
pub fn render(signatures: &[Picture]) -> Vec<u8> {
    let days = ["5 janvier", "6 janvier", "7 janvier"];
    let columns = days
        .iter()
        .flat_map(|day| [format!("{day} matin\n9 h à 12 h 30"), format!("{day} après-midi\n13 h 30 à 17 h")])
        .collect();
    let rows = signatures
        .chunks(HALVES)
        .enumerate()
        .map(|(n, signatures)| {
            let cells = signatures
                .iter()
                .map(|picture| GridCell::Picture {
                    picture: picture.clone(),
                    description: format!("Signature de la personne {}", n + 1),
                })
                .collect();
            GridRow::new(format!("Aïcha N’Guessan {}", n + 1), "Menuiserie du Port", cells)
        })
        .collect();
    let paper = Paper::portrait("Feuille d’émargement")
        .landscape()
        .reference("EMG-2026-0042")
        .author("Coopérative Les Sentiers")
        .header("Les Sentiers", "Une activité de la coopérative Les Sentiers, société coopérative")
        .footer("Coopérative Les Sentiers – 12 rue de l’Œuvre, 35000 Rennes – SIRET 123 456 789 00012")
        .push(Block::title("FEUILLE D’ÉMARGEMENT"))
        .push(Block::key_values([
            ("Action", "Gestion d’un chantier de restauration"),
            ("Lieu", "12 rue de l’Œuvre, Rennes"),
        ]))
        .push(Block::grid(Grid { names: "Nom, prénom".into(), columns, rows, row_height_mm: 9.0 }))
        .push(Block::signatures(vec![SignatureBox::new("Pour l’organisme de formation").line("Maëlle Le Goff")]));
    pdf::render(&paper).expect("a sheet can be rendered")
}
