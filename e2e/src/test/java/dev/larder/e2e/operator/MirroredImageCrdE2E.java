package dev.larder.e2e.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.MirroredImage;
import dev.larder.crds.v1alpha1.PromotionMode;
import dev.larder.e2e.process.Command;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The MirroredImage's CRD on a real API server: what it refuses, what it fills in. */
class MirroredImageCrdE2E {

    @SuppressWarnings("NullAway.Init")
    private static ApiServer api;

    @BeforeAll
    static void start() throws IOException {
        api = ApiServer.start();
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            source: nginx                              | spec.source      | registry/repository
            source: "docker.io/library/nginx:1.27"     | spec.source      | tags go into tags
            source: docker.io/nginx                    | spec.source      | add library/
            source: docker.io/library/a..b             | spec.source      | registry/repository
            tags: {}                                   | spec.tags        | give include, regex, semver or newest
            tags: {exclude: [a]}                       | spec.tags        | give include, regex, semver or newest
            tags: {newest: 500}                        | spec.tags.newest | less than or equal to 200
            platforms: [amd64]                         | spec.platforms   | such as linux/arm64
            schedule: {cron: "hourly, or so"}          | spec.schedule.cron  | such as 0 3 * * *
            promotion: {mode: Never}                   | spec.promotion.mode | supported values: "Automatic"
            promotion: {soak: one day}                 | spec.promotion.soak | such as 30m, 24h or 7d
            pins: [{tag: a, digest: latest}]           | spec.pins[0].digest | 64 hexadecimal digits
            pins: [{tag: "a b", digest: x}]            | spec.pins[0].tag    | must be a tag
            history: {keep: 100}                       | spec.history.keep   | less than or equal to 20
            to: {pods: {}}                             | spec.to             | unknown field
            to: {nodes: {keep: 0}}                     | spec.to.nodes.keep  | from 1 on
            to: {nodes: {keep: "3"}}                   | spec.to.nodes.keep  | without quotes
            to: {nodes: {keep: Some}}                  | spec.to.nodes.keep  | must be All
            to: {nodes: {selector: {matchExpressions: [{key: a, operator: In}]}}} | spec.to.nodes.selector | values go with In
            to: {nodes: {bandwidth: fast}}             | spec.to.nodes.bandwidth | such as 50Mi
            to: {nodes: {bandwidth: 1Ki}}              | spec.to.nodes.bandwidth | at least 64Ki
            to: {nodes: {bandwidth: 50}}               | spec.to.nodes.bandwidth | string
            to: {nodes: {spread: soon}}                | spec.to.nodes.spread | such as 90s
            to: {nodes: {spread: 1441m}}               | spec.to.nodes.spread | at most 24h
            to: {repository: {url: registry.test/x}}   | spec.to.repository.url | https://host/repository
            to: {repository: {url: "https://r.test"}}  | spec.to.repository.url | https://host/repository
            to: {repository: {url: "https://r.test/x:1"}} | spec.to.repository.url | tags are those mirrored
            to: {repository: {url: "http://r.test/x", caBundleRef: {name: a}}} | spec.to.repository | caBundleRef means nothing
            to: {repository: {url: "https://r.test/x", platforms: Some}} | spec.to.repository.platforms | supported values: "All", "Selected"
            verify: {cosign: {publicKeys: [x]}}        | spec.verify.cosign.publicKeys[0] | BEGIN PUBLIC KEY
            verify: {cosign: {publicKeys: []}}         | spec.verify.cosign.publicKeys | at least 1
            """)
    void badSpec_isRefusedWithFieldAndRemedy(String spec, String field, String remedy) throws IOException {
        Command.Result result = apply("bad", spec);
        assertThat(result.succeeded()).as(result.output()).isFalse();
        assertThat(result.output()).contains(field).contains(remedy);
    }

    @Test
    void defaultsAreFilledIn_andTheSourceStays() throws IOException {
        assertThat(apply("good", "pins: []").succeeded()).isTrue();
        MirroredImage good =
                api.client().resources(MirroredImage.class).withName("good").require();
        assertThat(good.getSpec().schedule().cron()).isEqualTo("0 * * * *");
        assertThat(good.getSpec().promotion().mode()).isEqualTo(PromotionMode.Automatic);
        assertThat(api.kubectl("get", "mimg", "-o", "yaml").output()).contains("maxAge: 90d", "soak: 0s");
        Command.Result moved = apply("good", "source: docker.io/library/redis");
        assertThat(moved.output()).contains("spec.source", "make another MirroredImage");
    }

    @Test
    void keepingNodes_areANumberOrAll() throws IOException {
        assertThat(apply("some", "to: {nodes: {keep: 3, bandwidth: 50Mi, spread: 30m}}")
                        .output())
                .contains("created");
        assertThat(apply("all", "to: {nodes: {keep: All, selector: {matchLabels: {pool: gpu}}}}")
                        .output())
                .contains("created");
        assertThat(apply("bare", "to: {nodes: {}}").output()).contains("created");
        var images = api.client().resources(MirroredImage.class);
        assertThat(images.withName("some").require().getSpec().to().nodes().most())
                .isEqualTo(3);
        assertThat(images.withName("all").require().getSpec().to().nodes().most())
                .isEqualTo(Integer.MAX_VALUE);
        assertThat(images.withName("bare").require().getSpec().to().nodes().chooses())
                .isFalse();
    }

    private static Command.Result apply(String name, String field) throws IOException {
        String source = field.startsWith("source:") ? "" : "  source: docker.io/library/nginx\n";
        String tags = field.startsWith("tags:") ? "" : "  tags: {include: [\"1.27\"]}\n";
        String yaml = "apiVersion: larder.dev/v1alpha1\nkind: MirroredImage\nmetadata: {name: " + name + "}\nspec:\n"
                + source + tags + "  " + field + "\n";
        return api.kubectl(
                "apply",
                "-f",
                Files.writeString(api.folder().resolve(name + ".yaml"), yaml).toString());
    }
}
