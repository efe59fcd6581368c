package turnout.gateway;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.THROW_GENERIC_EXCEPTIONS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * What may import what, and the house rules that a compiler does not know.
 *
 * <p>Every rule is made twice: for the gateway, which must keep it, and for the packages under {@code turnout.gateway.fixture}, which must
 * be caught breaking it. A rule that cannot fail checks nothing.
 */
class RoomsTest {
    private static final String GATEWAY = "turnout.gateway";
    private static final String FIXTURE = "turnout.gateway.fixture";

    private static final List<String> EVERYWHERE = List.of(
            "java..",
            "javax.net.ssl..",
            "org.slf4j..",
            "org.jspecify..",
            "com.google.errorprone.annotations..",
            "turnout.spi..");
    private static final String VERTX = "io.vertx.core..";
    private static final List<String> DIALECT = List.of(
            VERTX,
            "io.vertx.grpc..",
            "com.google.protobuf..",
            "com.fasterxml.jackson.core..",
            "ch.randelshofer.fastdoubleparser..",
            "turnout.protocol..",
            "tensorflow..",
            "inference..",
            "org.tensorflow..");

    /** One line of the table in the design: a room, the rooms it may import, and the libraries that it may see. */
    private record Room(String name, List<String> rooms, List<String> libraries) {}

    private static final List<Room> ROOMS = List.of(
            new Room("call", List.of(), List.of(VERTX)),
            new Room("device", List.of(), List.of(VERTX)),
            new Room("bind", List.of("call"), List.of(VERTX)),
            new Room("admission", List.of("call"), List.of(VERTX)),
            new Room("observe", List.of("call"), List.of(VERTX, "io.micrometer..", "io.prometheus..")),
            new Room(
                    "cache",
                    List.of("call"),
                    List.of(VERTX, "com.github.benmanes.caffeine..", "com.dynatrace.hash4j..")),
            new Room("lane", List.of("call", "device"), List.of(VERTX)),
            new Room("routing", List.of("call", "lane"), List.of(VERTX, "com.dynatrace.hash4j..")),
            new Room(
                    "edge",
                    List.of("call", "bind"),
                    List.of(
                            VERTX,
                            "io.vertx.ext.web..",
                            "io.vertx.grpc..",
                            "io.netty..",
                            "com.google.protobuf..",
                            "com.fasterxml.jackson.core..",
                            "ch.randelshofer.fastdoubleparser..")),
            new Room("edge.tfserving", List.of("call", "bind", "edge", "lifecycle"), DIALECT),
            new Room("edge.openinference", List.of("call", "bind", "edge", "lifecycle"), DIALECT),
            // Its files hold what a reload's message does, so both read it in one way.
            new Room(
                    "config.tfserving",
                    List.of("call", "config", "edge", "edge.tfserving", "lane", "lifecycle"),
                    List.of("com.google.protobuf..", "turnout.protocol..")),
            new Room("plugin", List.of(), List.of()),
            new Room("source", List.of(), List.of(VERTX)),
            // call: a lane's specification and its listener speak of calls.
            new Room("lifecycle", List.of("call", "lane", "device", "plugin", "source"), List.of(VERTX)),
            new Room("traffic", List.of("call", "routing", "lane", "lifecycle"), List.of(VERTX)),
            new Room("rollout", List.of("call", "traffic"), List.of(VERTX)),
            new Room(
                    "admin",
                    List.of("call", "plugin", "lifecycle", "traffic", "rollout", "cache"),
                    List.of(VERTX, "io.vertx.ext.web..", "com.fasterxml.jackson.core..")));

    @TestFactory
    Stream<DynamicTest> theGatewayKeepsEveryRule() {
        JavaClasses gateway = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages(GATEWAY);
        return rules(GATEWAY).entrySet().stream()
                .map(rule -> DynamicTest.dynamicTest(
                        rule.getKey(), () -> rule.getValue().check(gateway)));
    }

    @TestFactory
    Stream<DynamicTest> theFixtureIsCaughtBreakingEveryRule() {
        JavaClasses fixture = new ClassFileImporter().importPackages(FIXTURE);
        return rules(FIXTURE).entrySet().stream()
                .map(rule -> DynamicTest.dynamicTest(rule.getKey(), () -> assertThat(
                                rule.getValue().evaluate(fixture).hasViolation())
                        .as("the fixture breaks: %s", rule.getKey())
                        .isTrue()));
    }

    private static Map<String, ArchRule> rules(String root) {
        Map<String, ArchRule> rules = new LinkedHashMap<>();
        for (Room room : ROOMS) {
            rules.put(room.name() + " imports only what it may", imports(root, room));
        }
        rules.put(
                "config imports of other rooms only their settings",
                noClasses()
                        .that(in(root, "config"))
                        .should()
                        .dependOnClassesThat(resideInAnyPackage(ROOMS.stream()
                                        .map(room -> root + "." + room.name())
                                        .toArray(String[]::new))
                                .and(DescribedPredicate.not(isSetting())))
                        .allowEmptyShould(true));
        rules.put(
                "nobody imports app",
                noClasses()
                        .that(resideInAPackage(root + "..").and(DescribedPredicate.not(in(root, "app"))))
                        .should()
                        .dependOnClassesThat(in(root, "app"))
                        .allowEmptyShould(true));
        rules.put(
                "packages form no cycle",
                slices().matching(root + ".(**)").should().beFreeOfCycles());
        rules.put(
                "only edge and admin see vertx-web",
                noClasses()
                        .that(outside(root, "edge..", "admin"))
                        .should()
                        .dependOnClassesThat(resideInAPackage("io.vertx.ext.web..")));
        rules.put(
                "only TensorFlow Serving's configuration reads messages that are written as text",
                noClasses()
                        .that(outside(root, "config.tfserving"))
                        .should()
                        .dependOnClassesThat(DescribedPredicate.describe(
                                "text messages", type -> type.getName().startsWith("com.google.protobuf.TextFormat"))));
        rules.put("only rooms with threads of their own block", blocking(root));
        rules.put(
                "only app writes to the standard streams",
                noClasses().that(outside(root, "app")).should(ACCESS_STANDARD_STREAMS));
        rules.put("nobody throws a generic exception", noClasses().should(THROW_GENERIC_EXCEPTIONS));
        rules.put(
                "no static field can change",
                fields().that().areStatic().should().beFinal());
        rules.put(
                "names say what a thing is",
                noClasses()
                        .should()
                        .haveSimpleNameEndingWith("Util")
                        .orShould()
                        .haveSimpleNameEndingWith("Utils")
                        .orShould()
                        .haveSimpleNameEndingWith("Helper")
                        .orShould()
                        .haveSimpleNameEndingWith("Impl"));
        return rules;
    }

    private static ArchRule imports(String root, Room room) {
        List<String> allowed = Stream.of(
                        Stream.of(root + "." + room.name()),
                        room.rooms().stream().map(other -> root + "." + other),
                        EVERYWHERE.stream(),
                        room.libraries().stream())
                .flatMap(packages -> packages)
                .toList();
        return classes()
                .that(in(root, room.name()))
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(allowed.toArray(String[]::new)))
                .allowEmptyShould(true);
    }

    private static ArchRule blocking(String root) {
        return noClasses()
                .that(outside(root, "device", "plugin", "source", "lifecycle", "config", "config.tfserving", "app")
                        .and(DescribedPredicate.not(named("DecodePool"))))
                .should()
                .callMethodWhere(blocks())
                .orShould()
                .dependOnClassesThat(touchesFiles());
    }

    private static DescribedPredicate<JavaMethodCall> blocks() {
        Set<String> waits = Set.of("executeBlocking", "await", "awaitTermination", "sleep");
        return DescribedPredicate.describe("blocks", call -> {
            boolean onFuture = call.getTargetOwner().isAssignableTo(Future.class);
            return waits.contains(call.getName())
                    || (onFuture && Set.of("get", "join").contains(call.getName()));
        });
    }

    private static DescribedPredicate<JavaClass> touchesFiles() {
        Set<String> types = Set.of(
                "java.io.File",
                "java.io.FileInputStream",
                "java.io.FileOutputStream",
                "java.io.RandomAccessFile",
                "java.nio.channels.FileChannel",
                "java.nio.file.Files");
        return DescribedPredicate.describe("touches files", type -> types.contains(type.getName()));
    }

    private static DescribedPredicate<JavaClass> named(String simpleName) {
        return DescribedPredicate.describe(
                "named " + simpleName, type -> type.getSimpleName().equals(simpleName));
    }

    /** What a configuration is made of besides the records called Config. */
    private static DescribedPredicate<JavaClass> isSetting() {
        return DescribedPredicate.describe(
                "settings",
                type -> type.getName().contains("Config")
                        || type.getSimpleName().equals("CachePolicy")
                        || type.getSimpleName().equals("ServedModel")
                        || type.getName().contains("VersionChoice")
                        || type.getName().contains("VersionRef")
                        || type.getSimpleName().equals("PolicyKind"));
    }

    private static DescribedPredicate<JavaClass> in(String root, String room) {
        return resideInAPackage(root + "." + room);
    }

    private static DescribedPredicate<JavaClass> outside(String root, String... rooms) {
        return DescribedPredicate.not(resideInAnyPackage(
                Stream.of(rooms).map(room -> root + "." + room).toArray(String[]::new)));
    }
}
