package dev.larder.helm;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Wrong values are refused before anything reaches the cluster, in words that name the key and what to do. */
class ChartRefusalsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
        replica=2                          | additional properties 'replica' not allowed
        image.name=x                       | at '/image': additional properties 'name' not allowed
        replicas=0                         | at '/replicas': minimum: got 0, want 1
        replicas=many                      | at '/replicas': got string, want integer
        image.pullPolicy=Sometimes         | at '/image/pullPolicy': value must be one of 'Always', 'IfNotPresent', 'Never'
        log.level=LOUD                     | at '/log/level': value must be one of 'TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'
        imagePullSecrets[0]=hub            | at '/imagePullSecrets/0': got string, want object
        metrics.serviceMonitor.interval=30 | at '/metrics/serviceMonitor/interval': got number, want string
        registryCache.spec=docker.io       | at '/registryCache/spec': got string, want object
        image.repository=reg.test/op:v1    | image.repository is "reg.test/op:v1": leave the tag or digest away there and set image.tag or image.digest
        nodeCache.image.repository=a/b@c   | nodeCache.image.repository is "a/b@c": leave the tag or digest away there and set nodeCache.image.tag or nodeCache.image.digest
        image.digest=sha256:12             | image.digest is "sha256:12": write sha256: and 64 hex digits, or leave it empty to use the tag
        serviceAccount.create=false        | serviceAccount.create is false: set serviceAccount.name to a ServiceAccount that exists, or set create to true
        registryCache.spec.storage.size=1Gi | registryCache.spec is set but registryCache.create is false: set create to true, or apply the RegistryCache yourself and remove the spec
        registryCache.name=Default         | registryCache.name is "Default": it names labels and a Service too, so use at most 52 of a-z, 0-9 and -, beginning with a letter
        platform=minikube                  | platform is "minikube": write auto or one of aks, canonical-k8s, eks, gke, k3s, kind, kubeadm, microk8s, rke2, talos
        platform=openshift                 | platform is "openshift", where Larder cannot work: its nodes run CRI-O and Larder configures containerd: use an ImageDigestMirrorSet
        platform=bottlerocket              | platform is "bottlerocket", where Larder cannot work: its settings API owns containerd's files: use settings.container-registry.mirrors
        podDisruptionBudget.enabled=true   | podDisruptionBudget.enabled needs replicas of at least 2: with one operator it would only hold up drains
        networkPolicy.apiServerPorts[0]=0  | at '/networkPolicy/apiServerPorts/0': minimum: got 0, want 1
        test.seconds=soon                  | at '/test/seconds': got string, want integer
        metrics.service.enabled=false,metrics.serviceMonitor.enabled=true | metrics.serviceMonitor.enabled needs metrics.service.enabled: set it to true
        """)
    void wrongValue_isRefused(String values, String message) {
        assertThatThrownBy(() -> Chart.text(Chart.values(values)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(message);
    }
}
