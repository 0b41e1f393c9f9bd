import type { Secret, ServiceAccount } from '../../api/generated/core-v1.ts'
import { objectKey } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { isConflict, isNotFound } from '../../api/status.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController, watchOf } from '../kit/run-controller.ts'
import { findObject } from '../../client/find-object.ts'

const secretType = 'kubernetes.io/service-account-token'
const nameAnnotation = 'kubernetes.io/service-account.name'
const uidAnnotation = 'kubernetes.io/service-account.uid'

/** Makes the token for a Secret. */
export type SecretTokenSigner = (subject: {
  namespace: string
  serviceAccount: { name: string; uid: string }
  secretName: string
}) => Promise<string>

/**
 * Fills Secrets of type kubernetes.io/service-account-token with a token of the ServiceAccount they name, its namespace
 * and the cluster's CA (PEM), and deletes them when the ServiceAccount is gone; who deletes one also takes it out of the
 * ServiceAccount's `secrets` (upstream: pkg/controller/serviceaccount/tokens_controller.go).
 */
export function createTokenSecretsController(
  dependencies: ControllerDependencies,
  options: { rootCa: string; sign: SecretTokenSigner },
): Controller {
  const { client, informers } = dependencies
  const accounts = informers.informer(resources.serviceAccounts)
  const rootCa = Buffer.from(options.rootCa).toString('base64')
  /** The account of each token Secret that was seen, by the Secret's key: a deleted one cannot be asked. */
  const accountOf = new Map<string, string>()

  /** The account a Secret names; the server is asked when it is not known here yet. */
  async function findAccount(secret: Secret): Promise<ServiceAccount | undefined> {
    const { namespace = '', annotations = {} } = secret.metadata
    const name = annotations[nameAnnotation] ?? ''
    const isIts = ({ metadata }: ServiceAccount): boolean =>
      !annotations[uidAnnotation] || annotations[uidAnnotation] === metadata.uid
    const known = accounts.store.get(`${namespace}/${name}`)
    if (known && isIts(known)) return known
    const live = await findObject(client, resources.serviceAccounts, { namespace, name })
    return live && isIts(live) ? live : undefined
  }

  async function remove({ metadata }: Secret): Promise<void> {
    const { namespace = '', name, uid = '' } = metadata
    try {
      await client.delete(resources.secrets, { namespace, name }, { preconditions: { uid } })
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error
    }
  }

  async function fill(secret: Secret, account: ServiceAccount): Promise<void> {
    const { namespace = '', name: secretName } = secret.metadata
    const { name, uid = '' } = account.metadata
    const data = { ...secret.data }
    data['ca.crt'] = rootCa
    data['namespace'] ||= Buffer.from(namespace).toString('base64')
    if (!data['token']) {
      const token = await options.sign({ namespace, serviceAccount: { name, uid }, secretName })
      data['token'] = Buffer.from(token).toString('base64')
    }
    const isFilled = Object.entries(data).every(([key, value]) => secret.data?.[key] === value)
    if (isFilled && secret.metadata.annotations?.[uidAnnotation]) return
    const annotations = { ...secret.metadata.annotations, [nameAnnotation]: name, [uidAnnotation]: uid }
    try {
      await client.update(resources.secrets, {
        ...secret,
        metadata: { ...secret.metadata, annotations },
        data,
      })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  async function dropReference(secretKey: string): Promise<void> {
    const account = accounts.store.get(accountOf.get(secretKey) ?? '')
    const name = secretKey.slice(secretKey.indexOf('/') + 1)
    if (account?.secrets?.some((reference) => reference.name === name)) {
      const left = account.secrets.filter((reference) => reference.name !== name)
      await client.update(resources.serviceAccounts, { ...account, secrets: left })
    }
    accountOf.delete(secretKey)
  }

  return defineController(dependencies, {
    name: 'serviceaccount-token',
    for: resources.secrets,
    filter: ({ object }) => object.type === secretType,
    watches: [
      watchOf(resources.serviceAccounts, ({ type, object: { metadata } }) =>
        type === 'deleted'
          ? [...accountOf].flatMap(([key, account]) => (account === objectKey({ metadata }) ? [key] : []))
          : [],
      ),
    ],
    async reconcile({ key, object }) {
      if (!object) return dropReference(key)
      if (object.type !== secretType || object.metadata.deletionTimestamp) return
      const account = await findAccount(object)
      if (!account) return remove(object)
      accountOf.set(key, objectKey(account))
      return fill(object, account)
    },
  })
}
