package dev.larder.operator.tls;

import dev.larder.operator.nodes.CertificatesMissing;
import dev.larder.operator.registrycache.desired.Names;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that there are certificates for both sides, good for a while yet. The authority's key is in a Secret that no
 * pod mounts; the node caches' Secret has their own key and the authority's certificate. What is damaged is made anew at
 * once, what is gone after a while: whoever uninstalls Larder takes the Secrets away while the operator still runs, and
 * nothing would take away one that it made then. Thread-safe.
 */
public final class JobCertificates {

    static final String OPERATOR_SECRET = "larder-jobs-operator";

    private static final Duration LEAF_LEFT = Duration.ofDays(30);
    private static final Duration OWN_LEFT = Duration.ofDays(365);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);
    /** Longer than an operator has for its end. */
    private static final Duration GONE_FOR_GOOD = Duration.ofSeconds(40);

    private static final Logger LOG = LoggerFactory.getLogger(JobCertificates.class);

    private final KubernetesClient client;
    private final String namespace;
    private final Clock clock;

    /** Guarded by this. */
    private @Nullable Material known;

    /** Guarded by this. */
    private Instant lookAgain = Instant.MIN;

    /** When a Secret was first seen to be gone; guarded by this. */
    private @Nullable Instant goneSince;

    /**
     * What the operator needs for a connection.
     *
     * @param nodesSince when the node caches' certificate was made
     */
    public record Material(Identity own, X509Certificate authority, Instant nodesSince) {}

    public JobCertificates(KubernetesClient client, String namespace, Clock clock) {
        this.client = client;
        this.namespace = namespace;
        this.clock = clock;
    }

    /**
     * The operator's certificate, after both Secrets are as they should be; looked at again twice a minute.
     *
     * @throws CertificatesMissing when there are none, and the API server lets none be made
     */
    public synchronized Material ensure() {
        Instant now = clock.instant();
        Material material = known;
        if (material == null || now.isAfter(lookAgain)) {
            try {
                material = look(now);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("cannot make certificates for the node caches", e);
            } catch (KubernetesClientException e) {
                if (material == null) {
                    throw new CertificatesMissing(
                            "the Secrets " + OPERATOR_SECRET + " and " + Names.JOBS_SECRET + " in namespace "
                                    + namespace
                                    + " can be neither read nor made: " + e.getMessage()
                                    + "; let the operator get, create and patch Secrets there",
                            e);
                }
                LOG.atDebug().setCause(e).log("the certificates cannot be looked at now; those known are used");
            }
            known = material;
            lookAgain = now.plus(LOOK_AGAIN);
        }
        return material;
    }

    private Material look(Instant now) throws GeneralSecurityException {
        Optional<Map<String, String>> operators = read(OPERATOR_SECRET);
        Optional<Map<String, String>> nodes = read(Names.JOBS_SECRET);
        Material before = known;
        if (before != null && (operators.isEmpty() || nodes.isEmpty()) && !goneForGood(now)) {
            return before;
        }
        goneSince = null;
        return mended(operators.orElse(Map.of()), nodes.orElse(Map.of()), now);
    }

    private boolean goneForGood(Instant now) {
        Instant since = goneSince;
        if (since == null) {
            goneSince = now;
            return false;
        }
        return !now.isBefore(since.plus(GONE_FOR_GOOD));
    }

    private Material mended(Map<String, String> ours, Map<String, String> nodes, Instant now)
            throws GeneralSecurityException {
        Optional<Identity> ca =
                identity(ours, "ca.crt", "ca.key").filter(found -> found.isGoodUntil(now.plus(OWN_LEFT)));
        CertificateAuthority authority =
                ca.isPresent() ? new CertificateAuthority(ca.get()) : CertificateAuthority.make(now);
        Optional<Identity> operator = leaf(ours, Names.JOBS_CLIENT, authority, now);
        Optional<Identity> node = leaf(nodes, Names.JOBS_SERVER, authority, now).filter(found -> authorityOf(nodes)
                .equals(Optional.of(authority.own().certificate())));
        Identity own = operator.isPresent()
                ? operator.get()
                : authority.leaf(Names.JOBS_CLIENT, CertificateAuthority.Side.CLIENT, now);
        if (ca.isEmpty() || operator.isEmpty()) {
            Map<String, String> data = new TreeMap<>(files(authority, own));
            data.put("ca.key", authority.own().keyPem());
            write(OPERATOR_SECRET, data);
        }
        Identity server = node.isPresent()
                ? node.get()
                : authority.leaf(Names.JOBS_SERVER, CertificateAuthority.Side.SERVER, now);
        if (node.isEmpty()) {
            write(Names.JOBS_SECRET, files(authority, server));
        }
        return new Material(own, authority.own().certificate(), CertificateAuthority.madeAt(server.certificate()));
    }

    private static Map<String, String> files(CertificateAuthority authority, Identity leaf)
            throws GeneralSecurityException {
        return Map.of(
                "ca.crt", authority.own().certificatePem(), "tls.crt", leaf.certificatePem(), "tls.key", leaf.keyPem());
    }

    private static Optional<Identity> leaf(
            Map<String, String> files, String name, CertificateAuthority authority, Instant now) {
        return identity(files, "tls.crt", "tls.key")
                .filter(found -> found.isFor(name))
                .filter(found -> found.isGoodUntil(now.plus(LEAF_LEFT)))
                .filter(found -> isBy(found.certificate(), authority));
    }

    private static boolean isBy(X509Certificate certificate, CertificateAuthority authority) {
        try {
            certificate.verify(authority.own().certificate().getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static Optional<X509Certificate> authorityOf(Map<String, String> files) {
        try {
            return Optional.of(Identity.certificate(files.getOrDefault("ca.crt", "")));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    private static Optional<Identity> identity(Map<String, String> files, String certificate, String key) {
        try {
            return Optional.of(Identity.ofPem(files.getOrDefault(certificate, ""), files.getOrDefault(key, "")))
                    .filter(Identity::isWhole);
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    /** Empty when there is no such Secret. */
    private Optional<Map<String, String>> read(String name) {
        Secret secret = client.secrets().inNamespace(namespace).withName(name).get();
        if (secret == null) {
            return Optional.empty();
        }
        Map<String, String> files = new TreeMap<>();
        if (secret.getData() != null) {
            secret.getData()
                    .forEach((key, value) -> files.put(
                            key, new String(Base64.getMimeDecoder().decode(value), StandardCharsets.US_ASCII)));
        }
        return Optional.of(files);
    }

    private void write(String name, Map<String, String> files) {
        Map<String, String> data = new TreeMap<>();
        files.forEach((key, value) ->
                data.put(key, Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.US_ASCII))));
        LOG.atInfo().addKeyValue("secret", name).log("certificates made");
        // The chart makes them empty, so that they go with it; without the chart's they are made here.
        Resource<Secret> present = client.secrets().inNamespace(namespace).withName(name);
        if (present.get() != null) {
            present.edit(old -> new SecretBuilder(old).withData(data).build());
            return;
        }
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .addToLabels(Names.MANAGED_BY_LABEL, Names.OPERATOR)
                        .addToLabels(Names.PART_OF_LABEL, "larder")
                        .endMetadata()
                        .withData(data)
                        .build())
                .create();
    }
}
