import type { ConfigMap } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import { isAlreadyExists } from '../../api/status.ts'
import { deepEqual } from '../../client/deep-equal.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { isNamespaceTerminating } from '../kit/pod-control.ts'
import { defineController, watchOf } from '../kit/run-controller.ts'

const configMapName = 'kube-root-ca.crt'
const description =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the ' +
  'internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes ' +
  'clusters.'

/** Keeps the cluster's CA certificate (PEM) as a ConfigMap in every active namespace (upstream: rootcacertpublisher). */
export function createRootCaPublisher(dependencies: ControllerDependencies, rootCa: string): Controller {
  const { client, informers } = dependencies
  const configMaps = informers.informer(resources.configMaps)
  const data = { 'ca.crt': rootCa }
  return defineController(dependencies, {
    name: 'root-ca-publisher',
    for: resources.namespaces,
    watches: [
      watchOf(resources.configMaps, ({ type, object: { metadata } }) =>
        type !== 'added' && metadata.name === configMapName && metadata.namespace ? [metadata.namespace] : [],
      ),
    ],
    async reconcile({ object: namespace }) {
      if (!namespace || namespace.metadata.deletionTimestamp) return
      const { name } = namespace.metadata
      const existing = configMaps.store.get(`${name}/${configMapName}`)
      if (existing) {
        if (!deepEqual(existing.data, data)) await client.update(resources.configMaps, { ...existing, data })
        return
      }
      const wanted: ConfigMap = {
        metadata: {
          name: configMapName,
          namespace: name,
          annotations: { 'kubernetes.io/description': description },
        },
        data,
      }
      try {
        await client.create(resources.configMaps, wanted)
      } catch (error) {
        if (!isAlreadyExists(error) && !isNamespaceTerminating(error)) throw error
      }
    },
  })
}
