package dev.larder.operator.registrycache;

import dev.larder.crds.v1alpha1.PortsSpec;
import dev.larder.operator.nodes.NodeCacheClient.Address;
import dev.larder.operator.registrycache.desired.Names;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Map;

/**
 * Where a node cache is asked for its status: pure. Its pod says how, not an attempt: a pod made by an operator from before
 * the status had moved to the listener with certificates answers on the plain port until the rolling update replaces it, so
 * that an upgrade calls no node failing; and nobody who can break connections makes the operator ask a newer one in plain.
 */
public final class StatusAddress {

    private StatusAddress() {}

    /** @param pod has an address */
    public static Address of(Pod pod, PortsSpec ports) {
        Map<String, String> annotations = pod.getMetadata().getAnnotations();
        boolean jobs = annotations != null && Names.STATUS_BY_JOBS.equals(annotations.get(Names.STATUS_BY));
        String host = pod.getStatus().getPodIP();
        return jobs ? new Address(host, ports.jobsPort(), true) : new Address(host, ports.admin(), false);
    }
}
