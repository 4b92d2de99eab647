<?php
// TCPDF, untagged PDF 1.7 (its PDF/A mode embeds whole fonts): a certificate and a sheet of 24 × 6 drawn signatures.
require '/usr/share/php/tcpdf/tcpdf.php';

function signature(string $home, int $n): string
{
    $file = "$home/signature-$n.png";
    $image = imagecreatetruecolor(360, 120);
    // On white: TCPDF takes a transparent picture apart pixel by pixel, a second for a sheet.
    imagefill($image, 0, 0, imagecolorallocate($image, 255, 255, 255));
    $ink = imagecolorallocate($image, 18, 28, 92);
    for ($step = 0; $step < 1200; $step++) {
        $x = 20 + $step / 1200 * 320;
        $y = 60 + (18 + $n % 5 * 6) * sin($x / (14 + $n % 7) + $n / 9) * cos($x / 41 + $n / 9);
        imagefilledellipse($image, (int) $x, (int) $y, 3, 3, $ink);
    }
    imagepng($image, $file);
    return $file;
}

function paper(string $orientation): TCPDF
{
    $pdf = new TCPDF($orientation, 'mm', 'A4', true, 'UTF-8');
    $pdf->setPrintHeader(false);
    $pdf->SetFont('dejavusans', '', 9);
    $pdf->AddPage();
    return $pdf;
}

function certificate(array $signatures, int $n): string
{
    $pdf = paper('P');
    $rows = '';
    $facts = ['Stagiaire' => "Aïcha N’Guessan-Lefèvre $n", 'Action' => 'Gestion d’un chantier de restauration',
        'Nature' => 'Action de formation', 'Dates' => 'du 5 au 7 janvier 2026', 'Durée' => '21 h',
        'Lieu' => '12 rue de l’Œuvre, 35000 Rennes'];
    foreach ($facts as $label => $value) {
        $rows .= "<tr><td border=\"1\">$label</td><td border=\"1\">$value</td></tr>";
    }
    $pdf->writeHTML("<h1>Certificat de réalisation</h1><table cellpadding=\"3\">$rows</table><p>Sans préjudice des délais
        imposés par les règles fiscales, comptables ou commerciales, je m’engage à conserver l’ensemble des pièces
        justificatives qui ont permis d’établir le présent certificat pendant une durée de trois ans.</p>");
    $pdf->Image($signatures[0], 120, 150, 60);
    return $pdf->Output('', 'S');
}

function sheet(array $signatures, int $n): string
{
    $pdf = paper('L');
    for ($person = 0; $person < 24; $person++) {
        if ($person % 16 === 0) {
            if ($person) {
                $pdf->AddPage();
            }
            foreach (['Nom, prénom', '5 matin', '5 après-midi', '6 matin', '6 après-midi', '7 matin', '7 après-midi'] as $at => $title) {
                $pdf->Cell($at ? 35 : 60, 9, $title, 1, 0, 'C');
            }
            $pdf->Ln();
        }
        $y = $pdf->GetY();
        $pdf->Cell(60, 9, "Aïcha N’Guessan $person", 1);
        for ($half = 0; $half < 6; $half++) {
            $pdf->Image($signatures[$person * 6 + $half], $pdf->GetX() + 5, $y + 0.5, 24, 8);
            $pdf->Cell(35, 9, '', 1);
        }
        $pdf->Ln();
    }
    return $pdf->Output('', 'S');
}

function spent(): float
{
    $usage = getrusage();
    return $usage['ru_utime.tv_sec'] + $usage['ru_utime.tv_usec'] / 1e6 + $usage['ru_stime.tv_sec'] + $usage['ru_stime.tv_usec'] / 1e6;
}

$signatures = array_map(fn($n) => signature($argv[1], $n), range(0, 143));
foreach (['certificate' => 20, 'sheet' => 5] as $make => $times) {
    $size = strlen($make($signatures, 0));
    $begun = spent();
    for ($n = 0; $n < $times; $n++) {
        $make($signatures, $n);
    }
    $each = (spent() - $begun) / $times;
    printf("%-28s %10.2f %12.1f %10d\n", 'TCPDF, ' . ($make === 'sheet' ? 'sheet 24 x 6' : $make), $each * 1000, 1 / $each, $size);
}
