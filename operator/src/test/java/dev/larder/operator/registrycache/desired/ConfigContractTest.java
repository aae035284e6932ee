package dev.larder.operator.registrycache.desired;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.config.ConfigReader;
import dev.larder.nodecache.config.ConfigResult;
import dev.larder.nodecache.config.MinFree;
import dev.larder.nodecache.config.NodeCacheConfig;
import dev.larder.nodecache.config.RegistryConfig;
import dev.larder.nodecache.config.TagRule;
import dev.larder.nodecache.config.UpstreamConfig;
import dev.larder.nodecache.config.UpstreamTimeouts;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the operator renders is what the node cache reads. */
class ConfigContractTest {

    @Test
    void emptySpec_cachesSevenRegistriesWithTheReadersDefaults() {
        NodeCacheConfig config = read("{}");
        assertThat(config.resource()).isEqualTo("default");
        assertThat(config.revision())
                .isEqualTo(DesiredConfig.of(Plans.plan("{}")).revision());
        assertThat(config.registries())
                .extracting(RegistryConfig::host)
                .containsExactly(
                        "docker.io",
                        "ghcr.io",
                        "quay.io",
                        "registry.k8s.io",
                        "gcr.io",
                        "public.ecr.aws",
                        "mcr.microsoft.com");
        assertThat(config.registries())
                .extracting(registry -> registry.upstreams().getFirst().url())
                .startsWith(URI.create("https://registry-1.docker.io"), URI.create("https://ghcr.io"));
        assertThat(config.registries()).allSatisfy(registry -> {
            assertThat(registry.access()).isEqualTo(RegistryConfig.Access.RELAY);
            assertThat(registry.reservePercent()).isEqualTo(RegistryConfig.DEFAULT_RESERVE);
            assertThat(registry.tags()).containsExactly(TagRule.DEFAULT);
        });
        NodeCacheConfig alone =
                loaded("version: 1\nregistries: [{host: docker.io, upstreams: [{url: https://registry-1.docker.io}]}]");
        assertThat(config.storage()).isEqualTo(alone.storage());
        assertThat(config.listen().registry()).isEqualTo(alone.listen().registry());
        assertThat(config.listen().admin()).isEqualTo(alone.listen().admin());
        assertThat(config.listen().tls()).isNull();
        assertThat(config.containerd()).isEqualTo(alone.containerd());
    }

    @Test
    void fullSpec_arrivesWhole() {
        NodeCacheConfig config = read(Plans.FULL);
        assertThat(config.listen().registry().port()).isEqualTo(6151);
        assertThat(config.listen().admin().port()).isEqualTo(6152);
        assertThat(config.storage().path()).isEqualTo(Path.of("/data/larder"));
        assertThat(config.storage().size().bytes()).isEqualTo(100L << 30);
        assertThat(config.storage().minFree()).isEqualTo(MinFree.parse("5Gi"));
        assertThat(config.containerd().configPath())
                .isEqualTo(Optional.of(Path.of("/var/lib/rancher/k3s/agent/etc/containerd/certs.d")));
        RegistryConfig hub = config.registries().getFirst();
        assertThat(hub.access()).isEqualTo(RegistryConfig.Access.SHARED);
        assertThat(hub.reservePercent()).isEqualTo(50);
        assertThat(hub.repositories().deny()).containsExactly("library/\"odd\"");
        assertThat(hub.upstreams())
                .containsExactly(
                        new UpstreamConfig(
                                URI.create("https://mirror.example.com:8443"),
                                "docker-hub-proxy",
                                Path.of("/etc/larder/ca/corp-ca/bundle.pem"),
                                false,
                                Path.of("/etc/larder/credentials/hub"),
                                Set.of("auth.example.com"),
                                new UpstreamTimeouts(
                                        Duration.ofMillis(500), Duration.ofSeconds(15), Duration.ofMinutes(2))),
                        // The missing Secret and ConfigMap are left out.
                        new UpstreamConfig(
                                URI.create("https://registry-1.docker.io"),
                                "",
                                null,
                                false,
                                null,
                                Set.of(),
                                UpstreamTimeouts.NONE));
        assertThat(hub.tags())
                .containsExactly(
                        new TagRule(
                                "v*",
                                Duration.ZERO,
                                Duration.ofMinutes(150),
                                Duration.ofDays(7),
                                TagRule.OnDeleted.SERVE),
                        new TagRule(
                                "latest",
                                TagRule.DEFAULT.freshFor(),
                                TagRule.DEFAULT.staleWhileRevalidate(),
                                TagRule.DEFAULT.staleIfError(),
                                TagRule.DEFAULT.onDeletedUpstream()),
                        TagRule.DEFAULT);
        assertThat(config.registries().get(2).host()).isEqualTo("[fd00::1]:5000");
        assertThat(config.registries().get(2).upstreams().getFirst().insecureSkipVerify())
                .isTrue();
    }

    @Test
    void revision_changesWithTheConfigAndOnlyWithIt() {
        String before = DesiredConfig.of(Plans.plan("{}")).revision();
        assertThat(DesiredConfig.of(Plans.plan("resources: {limits: {memory: 1Gi}}"))
                        .revision())
                .isEqualTo(before);
        assertThat(DesiredConfig.of(Plans.plan("storage: {size: 21Gi}")).revision())
                .isNotEqualTo(before);
    }

    private static NodeCacheConfig read(String spec) {
        return loaded(DesiredConfig.of(Plans.plan(spec)).text());
    }

    private static NodeCacheConfig loaded(String text) {
        ConfigResult result = ConfigReader.parse(text);
        assertThat(result).as(text).isInstanceOf(ConfigResult.Loaded.class);
        return ((ConfigResult.Loaded) result).config();
    }
}
