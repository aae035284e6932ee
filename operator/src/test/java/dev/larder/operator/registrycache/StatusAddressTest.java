package dev.larder.operator.registrycache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.PortsSpec;
import dev.larder.operator.nodes.NodeCacheClient.Address;
import dev.larder.operator.nodes.Nodes;
import dev.larder.operator.registrycache.desired.DesiredObjects;
import dev.larder.operator.registrycache.desired.Plans;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import org.junit.jupiter.api.Test;

class StatusAddressTest {

    private static final PortsSpec PORTS = new PortsSpec(5151, 6152, 6999);

    @Test
    void podsThatAreMadeNow_areAskedOverTls() {
        var template = DesiredObjects.of(Plans.plan("{}")).daemonSet().getSpec().getTemplate();
        Pod pod = new PodBuilder()
                .withMetadata(template.getMetadata())
                .withNewStatus()
                .withPodIP("fd00::1")
                .endStatus()
                .build();
        Address address = StatusAddress.of(pod, PORTS);
        assertThat(address).isEqualTo(new Address("fd00::1", 6999, true));
    }

    @Test
    void podsFromBefore_areAskedAsTheyWere() {
        Pod pod = Nodes.pod("n1", true);
        assertThat(StatusAddress.of(pod, PORTS)).isEqualTo(new Address("10.0.0.1", 6152, false));
        pod.getMetadata().setAnnotations(null);
        assertThat(StatusAddress.of(pod, PORTS)).isEqualTo(new Address("10.0.0.1", 6152, false));
    }
}
