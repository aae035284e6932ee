package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** Whose short-lived login an upstream is given. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!has(self.region) || self.provider == 'ECR'",
        message = "region is for provider: ECR only: remove it")
@ValidationRule(
        value = "!has(self.tenant) || self.provider == 'ACR'",
        message = "tenant is for provider: ACR only: remove it")
public record CloudIdentitySpec(
        @JsonPropertyDescription("""
                ECR: Amazon's registries, public.ecr.aws too. GAR: Google's, *.pkg.dev and gcr.io. ACR: Azure's, *.azurecr.io.""") @Required CloudProvider provider,

        @JsonPropertyDescription("""
                ECR: the region of the registry. Taken from the url where that is \
                ACCOUNT.dkr.ecr.REGION.amazonaws.com; public.ecr.aws has us-east-1.""")
        @Size(max = 32)
        @ValidationRule(
                value = "self.matches('^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$')",
                message = "region must be an AWS region such as eu-central-1")
        @Nullable
        String region,

        @JsonPropertyDescription("""
                ACR: the Entra tenant's id or domain. The variable AZURE_TENANT_ID of the operator, which AKS sets, when \
                left out.""")
        @Size(max = 128)
        @ValidationRule(
                value = "self.matches('^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$')",
                message = "tenant must be an Entra tenant's id or domain")
        @Nullable
        String tenant,

        @JsonPropertyDescription("""
                A Secret in the operator's namespace with keys of the cloud, where the operator has no identity of its own \
                there. ECR: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. GAR: key.json, a service account's key. ACR: \
                AZURE_CLIENT_ID and AZURE_CLIENT_SECRET.""") @Nullable SecretRef keysSecretRef) {}
