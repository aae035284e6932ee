package dev.larder.operator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The dependency rules and the file budget that keep the operator readable. */
@AnalyzeClasses(packages = "dev.larder.operator", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final int LONGEST_FILE = 400;
    private static final Pattern BANNED =
            Pattern.compile("(.*(Utils|Helper|Manager|Impl|Common|Data|Info)|(Base|Abstract)\\p{Lu}.*)\\.java");

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("dev.larder.operator.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule desiredObjects_arePure = noClasses()
            .that()
            .resideInAPackage("..registrycache.desired..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.fabric8.kubernetes.client..",
                    "io.javaoperatorsdk..",
                    "io.quarkus..",
                    "java.net.http..",
                    "java.nio.file..",
                    "java.util.concurrent..",
                    "..registrycache.dependent..");

    @ArchTest
    static final ArchRule verdicts_arePure = noClasses()
            .that()
            .haveNameMatching(".*\\.(StatusAssembler|Conditions|Conflicts|References|RegistryCacheValidator|Intent"
                    + "|Announcements|Observation|NodeJudge|ContainerdVerdict|CleanUp|ObservedNode)")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.fabric8.kubernetes.client..", "io.javaoperatorsdk..", "io.quarkus..", "java.net.http..");

    @ArchTest
    static final ArchRule nodesEventsAndClouds_knowNoCustomResource = noClasses()
            .that()
            .resideInAnyPackage("..operator.nodes..", "..operator.events..", "..operator.cloud..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("..registrycache..", "io.javaoperatorsdk..", "dev.larder.crds..");

    @ArchTest
    static final ArchRule cloudsLibraries_areKnownInOnePlace = noClasses()
            .that()
            .resideOutsideOfPackage("..operator.cloud..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("software.amazon..", "com.google.auth..", "com.google.api..", "com.google.cloud..");

    @ArchTest
    static final ArchRule nothingOfTheNodeCache_isUsed =
            noClasses().should().dependOnClassesThat().resideInAPackage("dev.larder.nodecache..");

    @ArchTest
    static final ArchRule clocksAndThreads_areHandedIn = noClasses()
            .that()
            .resideOutsideOfPackage("..operator.config..")
            .and()
            .haveSimpleNameNotEndingWith("Main")
            .should()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "getenv", String.class)
            .orShould()
            .callMethod(System.class, "exit", int.class)
            .orShould()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .callMethod(Clock.class, "systemUTC")
            .orShould()
            .callConstructor(Thread.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Executors.class);

    @ArchTest
    static void classesAreFound(JavaClasses classes) {
        assertThat(classes).hasSizeGreaterThan(30);
    }

    @Test
    void files_areShortAndWellNamed() throws IOException {
        for (Path file : sources()) {
            assertThat(Files.readAllLines(file)).as("lines of %s", file).hasSizeLessThanOrEqualTo(LONGEST_FILE);
            assertThat(file.getFileName().toString())
                    .as("words that say nothing in a name")
                    .doesNotMatch(BANNED);
        }
    }

    @Test
    void everyPackage_isExplainedAndNullMarked() throws IOException {
        List<Path> folders = sources().stream().map(Path::getParent).distinct().toList();
        assertThat(folders).isNotEmpty().allSatisfy(folder -> assertThat(folder.resolve("package-info.java"))
                .content()
                .contains("@NullMarked"));
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src"))) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }
}
