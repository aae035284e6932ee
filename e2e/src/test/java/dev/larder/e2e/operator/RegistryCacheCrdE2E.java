package dev.larder.e2e.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.crds.v1alpha1.RegistryCacheSpec;
import dev.larder.e2e.process.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a real API server makes of the RegistryCache's schema: rules and their messages, defaults, merging. */
class RegistryCacheCrdE2E {

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
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "registries: [{host: \"https://Docker.io\"}] | spec.registries[0].host | such as docker.io",
                "registries: [{host: docker..io}] | spec.registries[0].host | no scheme, no path",
                "registries: [{host: quay.io}, {host: quay.io}] | spec.registries[1] | Duplicate value",
                "registries: [{}] | spec.registries[0].host | Required value",
                "registries: [{host: a, access: Shared}] | spec.registries[0] | name a Secret in upstreams[].credentialsSecretRef",
                "registries: [{host: a, access: Nobody}] | spec.registries[0].access | supported values: \"Anonymous\"",
                "registries: [{host: a, upstreams: [{url: \"https://a/b\"}]}] | upstreams[0].url | a path goes into pathPrefix",
                "registries: [{host: a, upstreams: [{url: \"https://u:p@a\"}]}] | upstreams[0].url | a user into credentialsSecretRef",
                "registries: [{host: a, upstreams: [{url: \"ftp://a.example\"}]}] | upstreams[0].url | must be https://host",
                "registries: [{host: a, upstreams: [{url: \"http://a\", insecureSkipVerify: true}]}] | upstreams[0] | remove it, or write https://",
                "registries: [{host: a, access: Shared, upstreams: [{url: \"https://a\", cloudIdentity: {provider: GAR}, credentialsSecretRef: {name: s}}]}] | upstreams[0] | exclude each other",
                "registries: [{host: a, upstreams: [{url: \"https://a\", cloudIdentity: {provider: GAR}}]}] | spec.registries[0] | set access: Shared if that is meant",
                "registries: [{host: a, access: Shared, upstreams: [{url: \"http://a\", cloudIdentity: {provider: GAR}}]}] | upstreams[0] | never sent in clear",
                "registries: [{host: a, access: Shared, upstreams: [{url: \"https://a\", cloudIdentity: {provider: ECR}}]}] | upstreams[0] | add cloudIdentity.region",
                "registries: [{host: a, access: Shared, upstreams: [{url: \"https://a\", cloudIdentity: {provider: ECR, region: Frankfurt}}]}] | cloudIdentity.region | such as eu-central-1",
                "registries: [{host: a, access: Shared, upstreams: [{url: \"https://a\", cloudIdentity: {provider: ECR, region: eu-central-1, tenant: t}}]}] | cloudIdentity | tenant is for provider: ACR only",
                "registries: [{host: a, access: Shared, upstreams: [{url: \"https://a\", cloudIdentity: {provider: GAR, region: eu-central-1}}]}] | cloudIdentity | region is for provider: ECR only",
                "registries: [{host: a, access: Shared, upstreams: [{url: \"https://a\", cloudIdentity: {provider: AWS}}]}] | cloudIdentity.provider | supported values: \"ACR\"",
                "registries: [{host: a, upstreams: [{url: \"https://a\", pathPrefix: /a/}]}] | pathPrefix | no slash at its ends",
                "registries: [{host: a, tags: [{freshFor: 5 minutes}]}] | tags[0].freshFor | such as 30s, 5m, 168h or 7d",
                "storage: {size: 1Mi} | spec.storage.size | at least 64Mi",
                "storage: {size: 5000Ti} | spec.storage.size | at most 4096Ti",
                "storage: {size: 20 GB} | spec.storage.size | such as 20Gi",
                "storage: {minFree: 100%} | spec.storage.minFree | from 0% to 99%",
                "storage: {path: var/lib} | spec.storage.path | must be an absolute path",
                "storage: {path: /var/lib/../x} | spec.storage.path | without . or .. parts",
                "storage: {path: /etc/larder} | spec.storage.path | such as /var/lib/larder",
                "storage: {path: /var} | spec.storage.path | a folder of its own",
                "ports: {registry: 5152} | spec.ports | must differ",
                "ports: {registry: 70000} | spec.ports.registry | less than or equal to 65535",
                "containerd: {configPath: \"/etc/a/b:/etc/c/d\"} | spec.containerd.configPath | a list with colons is not one",
                "nodes: {selector: {matchExpressions: [{key: a, operator: In}]}} | matchExpressions[0] | need at least one",
                "registries: [{host: a, upstreams: [{url: \"https://a\", timeouts: {firstByte: 5 s}}]}] | timeouts.firstByte | from 10ms to 2m, such as 500ms or 15s",
                "registries: [{host: a, upstreams: [{url: \"https://a\", timeouts: {firstByte: 3m}}]}] | timeouts.firstByte | from 10ms to 2m",
                "registries: [{host: a, upstreams: [{url: \"https://a\", timeouts: {connect: 1ms}}]}] | timeouts.connect | from 10ms to 1m",
                "registries: [{host: a, upstreams: [{url: \"https://a\", timeouts: {idle: 1h}}]}] | timeouts.idle | from 10ms to 10m",
                "registries: [{host: a, rateBudget: {reserve: 120%}}] | rateBudget.reserve | from 0% to 100%, such as 20%",
                "registries: [{host: a, rateBudget: {reserve: \"20\"}}] | rateBudget.reserve | such as 20%",
                "proxy: {https: \"http://u:p@proxy:3128\"} | spec.proxy.https | go into a Secret named in secretRef",
                "proxy: {http: \"socks5://proxy:1080\"} | spec.proxy.http | as http://host:port",
                "proxy: {https: \"http://proxy:3128\", secretRef: {name: p}} | spec.proxy | remove https and http, or remove secretRef",
                "proxy: {noProxy: .corp} | spec.proxy | name one in https, http or secretRef",
                "proxy: {http: \"http://proxy:3128\", noProxy: \"a;b\"} | spec.proxy.noProxy | with commas between them",
                "peers: {enabled: true} | spec.peers | unknown field",
            })
    void badSpec_isRefusedWithFieldAndRemedy(String spec, String field, String remedy) throws IOException {
        Command.Result result = apply("bad", spec);
        assertThat(result.succeeded()).as(result.output()).isFalse();
        assertThat(result.output()).contains(field).contains(remedy);
    }

    @ParameterizedTest
    @CsvSource({"dot.ted", "1digit"})
    void badName_isRefused(String name) throws IOException {
        assertThat(apply(name, "{}").output()).contains("metadata.name names a Service and labels too");
    }

    @Test
    void emptySpec_getsTheDefaultsOfTheJavaModel() throws IOException {
        assertThat(apply("empty", "{}").output()).contains("created");
        assertThat(spec("empty")).isEqualTo(RegistryCacheSpec.DEFAULT);
    }

    @Test
    void twoOwners_shareTheListOfRegistries() throws IOException {
        assertThat(serverSideApply("shared", "one", "registries: [{host: docker.io}]")
                        .output())
                .contains("serverside-applied");
        assertThat(serverSideApply("shared", "two", "registries: [{host: quay.io, access: Anonymous}]")
                        .output())
                .contains("serverside-applied");
        assertThat(spec("shared").registries())
                .extracting(registry -> registry.host())
                .containsExactly("docker.io", "quay.io");
        assertThat(serverSideApply("shared", "two", "{}").output()).contains("serverside-applied");
        assertThat(spec("shared").registries())
                .extracting(registry -> registry.host())
                .containsExactly("docker.io");
    }

    @Test
    void status_isWrittenByItsSubresourceOnly() throws IOException {
        apply("sub", "{}");
        RegistryCache found =
                api.client().resources(RegistryCache.class).withName("sub").require();
        found.setStatus(new dev.larder.crds.v1alpha1.RegistryCacheStatus(
                7L, java.util.List.of(), null, java.util.List.of(), "1%", null));
        api.client().resource(found).update();
        assertThat(api.client()
                        .resources(RegistryCache.class)
                        .withName("sub")
                        .require()
                        .getStatus())
                .isNull();
    }

    private static RegistryCacheSpec spec(String name) {
        return Objects.requireNonNull(api.client()
                .resources(RegistryCache.class)
                .withName(name)
                .require()
                .getSpec());
    }

    private static Command.Result apply(String name, String spec) throws IOException {
        return api.kubectl("apply", "-f", file(name, spec));
    }

    private static Command.Result serverSideApply(String name, String owner, String spec) throws IOException {
        return api.kubectl("apply", "--server-side", "--field-manager=" + owner, "-f", file(name, spec));
    }

    private static String file(String name, String spec) throws IOException {
        String body = spec.startsWith("{") ? "spec: " + spec : "spec:\n  " + spec;
        return Files.writeString(
                        Path.of(api.folder().toString(), name + ".yaml"),
                        "apiVersion: larder.dev/v1alpha1\nkind: RegistryCache\nmetadata: {name: \"" + name + "\"}\n"
                                + body + "\n")
                .toString();
    }
}
