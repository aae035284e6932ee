package dev.larder.operator.registrycache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.operator.registrycache.desired.Plans;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryCacheValidatorTest {

    @ParameterizedTest
    @ValueSource(strings = {"{}", Plans.FULL, "resources: {limits: {memory: 160Mi}, requests: {memory: 160Mi}}"})
    void good_hasNoProblems(String spec) {
        assertThat(RegistryCacheValidator.problems(Plans.spec(spec))).isEmpty();
    }

    @Test
    void everyProblem_namesFieldValueAndRemedy() {
        assertThat(RegistryCacheValidator.problems(Plans.spec("""
                        registries:
                        - host: example.com:99999
                          upstreams:
                          - url: https://good.example.com
                          - url: https://1.2.3
                          - url: https://example.com:70000
                        proxy: {https: "http://1.2.3:3128", http: "http://proxy.example.com:70000"}
                        resources:
                          requests: {cpu: lots, memory: 2Gi}
                          limits: {memory: 100Mi}
                        """)))
                .extracting(Problem::toString)
                .containsExactly(
                        "spec.registries[0].host: \"example.com:99999\" has no port between 1 and 65535: write the registry's",
                        "spec.registries[0].upstreams[1].url: \"https://1.2.3\" is not the address of a server: write"
                                + " https://host or https://host:port",
                        "spec.registries[0].upstreams[2].url: \"https://example.com:70000\" is not the address of a server:"
                                + " write https://host or https://host:port",
                        "spec.proxy.https: \"http://1.2.3:3128\" is not the address of a server: write http://host or"
                                + " http://host:port",
                        "spec.proxy.http: \"http://proxy.example.com:70000\" is not the address of a server: write"
                                + " http://host or http://host:port",
                        "spec.resources.requests.cpu: \"lots\" is not an amount such as 100m, 0.5, 256Mi or 1Gi",
                        "spec.resources.limits.memory: \"100Mi\" starves the node cache: write 160Mi or more, or leave it"
                                + " out for 512Mi",
                        "spec.resources.requests.memory: \"2Gi\" is more than the limit 100Mi: lower it or raise the limit");
    }
}
