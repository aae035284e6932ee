package dev.larder.operator.installation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.crds.v1alpha1.Condition;
import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.crds.v1alpha1.RegistryCacheStatus;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class InstallationTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    @Test
    void operatorAtWorkAndCacheReady_isWell() {
        Installation seen = Installation.of(lease(3), List.of(cache(2L, Condition.Status.True)), List.of(), NOW);
        assertThat(seen.problems()).isEmpty();
        assertThat(seen.facts()).containsExactly("Operator: pod-1 is at work.", "RegistryCache default: the message.");
    }

    @Test
    void noCache_isWellAndSaid() {
        assertThat(Installation.of(lease(3), List.of(), List.of(), NOW).facts())
                .contains("No RegistryCache yet: nothing is cached.");
    }

    @Test
    void noOperator_isAProblem() {
        assertThat(Installation.of(null, List.of(), List.of(), NOW).problems())
                .containsExactly("no operator has taken the Lease larder-operator: see the pods of the Deployment"
                        + " larder-operator");
    }

    @Test
    void silentOperator_isAProblem() {
        assertThat(Installation.of(lease(60), List.of(), List.of(), NOW).problems())
                .singleElement()
                .asString()
                .contains("has been silent for 60 s");
    }

    @Test
    void cacheNotReady_isAProblemWithItsReason() {
        assertThat(Installation.of(lease(3), List.of(cache(2L, Condition.Status.False)), List.of(), NOW)
                        .problems())
                .containsExactly("RegistryCache default: TheReason: the message");
    }

    @Test
    void statusOfAnotherGeneration_isNotBelieved() {
        assertThat(Installation.of(lease(3), List.of(cache(1L, Condition.Status.True)), List.of(), NOW)
                        .problems())
                .containsExactly("RegistryCache default: the operator has not seen this spec yet");
    }

    @Test
    void arguments_areUnderstoodOrRefused() {
        assertThat(InstallationTestMain.within(List.of())).isEqualTo(Duration.ofMinutes(2));
        assertThat(InstallationTestMain.within(List.of("--within", "7"))).isEqualTo(Duration.ofSeconds(7));
        assertThatThrownBy(() -> InstallationTestMain.within(List.of("--within", "soon")))
                .hasMessageContaining("--within soon")
                .hasMessageContaining("SECONDS");
    }

    private static Lease lease(long secondsAgo) {
        return new LeaseBuilder()
                .withNewSpec()
                .withHolderIdentity("pod-1")
                .withRenewTime(NOW.minusSeconds(secondsAgo).atZone(ZoneOffset.UTC))
                .endSpec()
                .build();
    }

    private static RegistryCache cache(Long observed, Condition.Status ready) {
        RegistryCache cache = new RegistryCache();
        cache.getMetadata().setName("default");
        cache.getMetadata().setGeneration(2L);
        cache.setStatus(new RegistryCacheStatus(
                observed,
                List.of(new Condition("Ready", ready, observed, NOW.toString(), "TheReason", "the message")),
                null,
                List.of(),
                null,
                null));
        return cache;
    }
}
