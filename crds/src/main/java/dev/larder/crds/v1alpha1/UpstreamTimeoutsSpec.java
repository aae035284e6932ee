package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** How long to wait for one upstream, where the node cache's own patience does not fit it. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record UpstreamTimeoutsSpec(
        @JsonPropertyDescription("Until a connection stands, TLS included. 2s by default, 10ms to 1m.")
        @Size(max = 16)
        @ValidationRule(
                value = "self.matches('^([0-9]{1,6}(ms|s|m))+$') && duration(self) >= duration('10ms')"
                        + " && duration(self) <= duration('1m')",
                message = "connect must be a duration from 10ms to 1m, such as 500ms or 5s")
        @Nullable
        String connect,

        @JsonPropertyDescription("""
                Until the answer begins. By default the upstreams of a registry share 10s. A pull waits for all upstreams \
                one after the other, and containerd for 30s: keep the sum well below that. 10ms to 2m.""")
        @Size(max = 16)
        @ValidationRule(
                value = "self.matches('^([0-9]{1,6}(ms|s|m))+$') && duration(self) >= duration('10ms')"
                        + " && duration(self) <= duration('2m')",
                message = "firstByte must be a duration from 10ms to 2m, such as 500ms or 15s")
        @Nullable
        String firstByte,

        @JsonPropertyDescription("""
                How long a blob may wait in silence for this upstream, over all its resumes; one stream gets a third of it. \
                30s by default, 10ms to 10m.""")
        @Size(max = 16)
        @ValidationRule(
                value = "self.matches('^([0-9]{1,6}(ms|s|m))+$') && duration(self) >= duration('10ms')"
                        + " && duration(self) <= duration('10m')",
                message = "idle must be a duration from 10ms to 10m, such as 10s or 2m")
        @Nullable
        String idle) {}
