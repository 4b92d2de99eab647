// Validates files against several flavours of PDF/A and PDF/UA: java Validate 3a,ua1 paper.pdf …
//
// One line for each file and flavour, then the rules that it breaks. Ends with 1 when any file breaks any rule.

import java.io.FileInputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.LogManager;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

public class Validate {
    /** Failures of one rule that are looked for before the validator moves on. */
    private static final int MOST_FAILURES = 20;

    public static void main(String[] arguments) throws Exception {
        LogManager.getLogManager().reset();
        VeraGreenfieldFoundryProvider.initialise();
        boolean broken = false;
        int checks = 0;
        for (int n = 1; n < arguments.length; n++) {
            List<String> accepted = new ArrayList<>();
            for (String name : arguments[0].split(",")) {
                PDFAFlavour flavour = PDFAFlavour.byFlavourId(name);
                ValidationResult result = validate(arguments[n], flavour);
                // Without the profiles, which come with JAXB, nothing is checked and everything passes.
                if (result.getTotalAssertions() == 0) {
                    throw new IllegalStateException("no rule of " + name + " was checked: is JAXB on the class path?");
                }
                checks += result.getTotalAssertions();
                if (result.isCompliant()) {
                    accepted.add(name);
                } else {
                    broken = true;
                    System.out.println("FAIL " + name + " " + arguments[n]);
                    rulesBroken(result).forEach((rule, count) -> System.out.println("    " + count + " × " + rule));
                }
            }
            if (!accepted.isEmpty()) {
                System.out.println("pass " + String.join(", ", accepted) + "  " + arguments[n]);
            }
        }
        System.out.println((arguments.length - 1) + " files, " + checks + " checks");
        System.exit(broken || arguments.length < 2 ? 1 : 0);
    }

    private static ValidationResult validate(String path, PDFAFlavour flavour) throws Exception {
        try (FileInputStream file = new FileInputStream(path);
                PDFAParser parser = Foundries.defaultInstance().createParser(file, flavour);
                PDFAValidator validator =
                        Foundries.defaultInstance().createValidator(flavour, MOST_FAILURES, false, false, false)) {
            return validator.validate(parser);
        }
    }

    private static Map<String, Integer> rulesBroken(ValidationResult result) {
        Map<String, Integer> rules = new LinkedHashMap<>();
        for (TestAssertion assertion : result.getTestAssertions()) {
            if (assertion.getStatus() == TestAssertion.Status.FAILED) {
                String clause = assertion.getRuleId().getClause() + "-" + assertion.getRuleId().getTestNumber();
                rules.merge(clause + " " + assertion.getMessage().replaceAll("\\s+", " "), 1, Integer::sum);
            }
        }
        return rules;
    }
}
