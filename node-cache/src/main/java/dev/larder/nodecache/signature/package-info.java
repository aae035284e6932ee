/**
 * Whether an image was signed with one of some public keys, by what cosign writes
 * (https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md and BUNDLE_SPEC.md): {@code SignedPayload} is one
 * signature, {@code PublicKeys} are those who may have made it. Pure; finding signatures is done elsewhere.
 *
 * <p>Neither a transparency log nor certificates are looked at: who signs is known by the key alone.
 */
@NullMarked
package dev.larder.nodecache.signature;

import org.jspecify.annotations.NullMarked;
