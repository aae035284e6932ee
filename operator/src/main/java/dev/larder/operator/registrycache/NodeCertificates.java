package dev.larder.operator.registrycache;

import dev.larder.operator.nodes.CertificatesMissing;
import java.time.Instant;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The certificates by which the operator and the node caches know each other, as far as a RegistryCache goes. */
public final class NodeCertificates {

    private static final Logger LOG = LoggerFactory.getLogger(NodeCertificates.class);

    private final Supplier<Instant> since;
    /** What was said last, so that it is said once. */
    private volatile String complaint = "";

    /** @param since sees to it that they are there, and says when the node caches' one was made */
    public NodeCertificates(Supplier<Instant> since) {
        this.since = since;
    }

    /**
     * Since when the node caches have theirs. Where there can be none, long since: the node caches serve pulls without, and
     * each that cannot be asked says why.
     */
    Instant ensure() {
        try {
            Instant made = since.get();
            complaint = "";
            return made;
        } catch (CertificatesMissing e) {
            String cause = String.valueOf(e.getMessage());
            if (!cause.equals(complaint)) {
                LOG.atWarn().addKeyValue("cause", cause).log("node caches cannot be asked for their status");
                complaint = cause;
            }
            return Instant.EPOCH;
        }
    }
}
