package dev.larder.operator.tls;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Makes certificates: its own, and those for one name and one side of a connection each. */
final class CertificateAuthority {

    static final Duration OWN_LIFE = Duration.ofDays(3650);
    static final Duration LEAF_LIFE = Duration.ofDays(90);

    /** Clocks of nodes differ. */
    private static final Duration EARLIER = Duration.ofHours(1);

    private final Identity own;

    /** Which side of a connection a certificate is for. */
    enum Side {
        CLIENT,
        SERVER;

        private KeyPurposeId purpose() {
            return this == CLIENT ? KeyPurposeId.id_kp_clientAuth : KeyPurposeId.id_kp_serverAuth;
        }
    }

    CertificateAuthority(Identity own) {
        this.own = own;
    }

    Identity own() {
        return own;
    }

    static CertificateAuthority make(Instant now) throws GeneralSecurityException {
        KeyPair pair = pair();
        X500Principal name = new X500Principal("CN=larder-jobs");
        try {
            JcaX509v3CertificateBuilder builder = builder(name, name, pair.getPublic(), now, OWN_LIFE);
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
            return new CertificateAuthority(signed(builder, pair, pair));
        } catch (IOException e) {
            throw new GeneralSecurityException("cannot write a certificate", e);
        }
    }

    /** Of one that this class has made. */
    static Instant madeAt(X509Certificate certificate) {
        return certificate.getNotBefore().toInstant().plus(EARLIER);
    }

    Identity leaf(String dnsName, Side side, Instant now) throws GeneralSecurityException {
        KeyPair pair = pair();
        try {
            JcaX509v3CertificateBuilder builder = builder(
                    own.certificate().getSubjectX500Principal(),
                    new X500Principal("CN=" + dnsName),
                    pair.getPublic(),
                    now,
                    LEAF_LIFE);
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, true, new ExtendedKeyUsage(side.purpose()));
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(new GeneralName(GeneralName.dNSName, dnsName)));
            return signed(builder, pair, new KeyPair(own.certificate().getPublicKey(), own.key()));
        } catch (IOException e) {
            throw new GeneralSecurityException("cannot write a certificate", e);
        }
    }

    private static KeyPair pair() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static JcaX509v3CertificateBuilder builder(
            X500Principal issuer, X500Principal subject, PublicKey key, Instant now, Duration life) {
        return new JcaX509v3CertificateBuilder(
                issuer,
                new BigInteger(127, new SecureRandom()),
                Date.from(now.minus(EARLIER)),
                Date.from(now.plus(life)),
                subject,
                key);
    }

    private static Identity signed(JcaX509v3CertificateBuilder builder, KeyPair subject, KeyPair issuer)
            throws GeneralSecurityException {
        try {
            return new Identity(
                    new JcaX509CertificateConverter()
                            .getCertificate(builder.build(
                                    new JcaContentSignerBuilder("SHA256withECDSA").build(issuer.getPrivate()))),
                    subject.getPrivate());
        } catch (OperatorCreationException e) {
            throw new GeneralSecurityException("cannot sign a certificate", e);
        }
    }
}
