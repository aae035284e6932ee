package dev.larder.nodecache;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.larder.nodecache.error.CacheException;
import java.nio.file.Files;
import org.jspecify.annotations.NullMarked;

/** Who may depend on what. A rule that gets in the way is changed here, with its reason, not worked around. */
@AnalyzeClasses(packages = "dev.larder.nodecache", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String ROOT = "dev.larder.nodecache";

    private static String[] ours(String... packages) {
        return java.util.Arrays.stream(packages)
                .map(name -> ROOT + "." + name + "..")
                .toArray(String[]::new);
    }

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching(ROOT + ".(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule VALUES_AND_ERRORS_DEPEND_ON_THE_PLATFORM_ONLY = classes()
            .that()
            .resideInAnyPackage(ours("oci", "error"))
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.jspecify..", ROOT + ".oci..", ROOT + ".error..");

    @ArchTest
    static final ArchRule METRICS_TAKE_PLAIN_LABELS = noClasses()
            .that()
            .resideInAPackage(ROOT + ".metrics..")
            .should()
            .dependOnClassesThat(
                    resideInAPackage(ROOT + "..").and(DescribedPredicate.not(resideInAPackage(ROOT + ".metrics.."))));

    @ArchTest
    static final ArchRule VERTX_STAYS_AT_THE_EDGES = noClasses()
            .that()
            .resideOutsideOfPackages(ours("http", "upstream"))
            .and()
            .doNotHaveFullyQualifiedName(ROOT + ".NodeCache")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.vertx..", "io.netty..");

    @ArchTest
    static final ArchRule NO_KUBERNETES_HERE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.fabric8..", "io.javaoperatorsdk..", "dev.larder.crds..", "dev.larder.operator..");

    @ArchTest
    static final ArchRule THE_SERVICE_KNOWS_NO_TRANSPORT = classes()
            .that()
            .resideInAPackage(ROOT + ".registry..")
            .should()
            .onlyDependOnClassesThat(resideInAPackage(ROOT + "..")
                    .negate()
                    .or(DescribedPredicate.describe(
                            "oci, source, fill, store, error or registry",
                            type -> inOneOf(type, "oci", "source", "fill", "store", "error", "registry"))));

    @ArchTest
    static final ArchRule THE_SEAM_KNOWS_NO_IMPLEMENTATION = classes()
            .that()
            .resideInAPackage(ROOT + ".source..")
            .should()
            .onlyDependOnClassesThat(resideInAPackage(ROOT + "..")
                    .negate()
                    .or(DescribedPredicate.describe(
                            "oci, error or source", type -> inOneOf(type, "oci", "error", "source"))));

    @ArchTest
    static final ArchRule THE_STORE_STANDS_BELOW = classes()
            .that()
            .resideInAPackage(ROOT + ".store..")
            .should()
            .onlyDependOnClassesThat(resideInAPackage(ROOT + "..")
                    .negate()
                    .or(DescribedPredicate.describe(
                            "oci, error, metrics or store",
                            type -> inOneOf(type, "oci", "error", "metrics", "store"))));

    @ArchTest
    static final ArchRule PARTS_GET_PLAIN_VALUES_NOT_THE_CONFIG = noClasses()
            .that()
            .resideInAnyPackage(
                    ours("http", "registry", "source", "fill", "store", "evict", "upstream", "metrics", "log", "oci"))
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ROOT + ".config..");

    @ArchTest
    static final ArchRule ONLY_THE_COMPOSITION_IMPORTS_THE_EDGE = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT, ROOT + ".http..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ROOT + ".http..");

    /** The main classes write their pid file and folders; watchdog and containerd write what is theirs. */
    @ArchTest
    static final ArchRule FILES_ARE_WRITTEN_BY_THE_STORE = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT, ROOT + ".store..", ROOT + ".containerd..", ROOT + ".watchdog..")
            .should()
            .callMethodWhere(target(owner(resideInAPackage("java.nio.file")))
                    .and(target(nameMatching(
                            "write.*|create.*|delete.*|move|copy|set.*|newOutputStream|newBufferedWriter")))
                    .and(target(owner(DescribedPredicate.describe("Files", t -> t.isEquivalentTo(Files.class))))));

    @ArchTest
    static final ArchRule CLOCKS_AND_THREADS_ARE_HANDED_IN = noClasses()
            .that()
            .resideOutsideOfPackages(
                    ROOT, ROOT + ".config..", ROOT + ".log..", ROOT + ".watchdog..", ROOT + ".containerd..")
            .should()
            .callMethodWhere(ambient())
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.util.concurrent.Executors");

    private static DescribedPredicate<JavaCall<?>> ambient() {
        return DescribedPredicate.describe("the clock, the environment or a thread of its own", call -> {
            String target =
                    call.getTargetOwner().getName() + "." + call.getTarget().getName();
            return target.equals("java.time.Instant.now")
                    || target.equals("java.lang.System.currentTimeMillis")
                    || target.equals("java.lang.System.getenv")
                    || target.equals("java.lang.System.exit")
                    || target.equals("java.lang.Thread.sleep")
                    || target.equals("java.lang.Thread.<init>")
                    || target.equals("java.lang.Thread.ofPlatform")
                    || target.equals("java.lang.Thread.ofVirtual");
        });
    }

    @ArchTest
    static final ArchRule POLICIES_ARE_PURE = noClasses()
            .that()
            .haveSimpleNameEndingWith("Policy")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.io..", "java.nio..", "java.net..", "java.util.concurrent..")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(java.time.Clock.class);

    @ArchTest
    static final ArchRule OUR_FAILURES_ARE_CACHE_EXCEPTIONS = classes()
            .that()
            .resideInAPackage(ROOT + ".error..")
            .and()
            .areAssignableTo(Throwable.class)
            .should()
            .beAssignableTo(CacheException.class);

    @ArchTest
    static final ArchRule NAMES_SAY_WHAT_A_THING_IS = noClasses()
            .should()
            .haveNameMatching(".*(Utils?|Helper|Manager|Impl|Common|Info)")
            .orShould()
            .haveNameMatching(".*\\.(Base|Abstract)[A-Z][^.]*");

    @ArchTest
    static final ArchRule PACKAGES_ARE_NULL_MARKED = classes()
            .that()
            .resideInAPackage(ROOT + "..")
            .should(new ArchCondition<>("be in a package that is @NullMarked") {
                @Override
                public void check(JavaClass type, ConditionEvents events) {
                    boolean marked = type.getPackage().isAnnotatedWith(NullMarked.class);
                    events.add(new SimpleConditionEvent(type, marked, type.getPackageName() + " is marked: " + marked));
                }
            });

    private static boolean inOneOf(JavaClass type, String... packages) {
        return java.util.Arrays.stream(packages)
                .anyMatch(name -> type.getPackageName().startsWith(ROOT + "." + name));
    }
}
