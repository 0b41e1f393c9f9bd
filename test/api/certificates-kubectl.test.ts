import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CertificateSigningRequest } from '../../core/api/generated/certificates-v1.ts'
import { clientBinary, run, type CommandResult } from '../harness/clients.ts'
import { disposeCluster, startCluster, type RunningCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'

const directory = mkdtempSync(join(tmpdir(), 'wheelhouse-certificates-'))
let cluster: RunningCluster

function kubectl(...args: string[]): Promise<CommandResult> {
  return run(clientBinary('kubectl'), ['--kubeconfig', cluster.kubeconfig, ...args])
}

/** What kubectl printed; throws when it failed. */
async function printed(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await kubectl(...args)
  if (code !== 0) throw new Error(stderr)
  return stdout
}

const file = (name: string): string => join(directory, name)

/** A new key and a request for it by openssl, as a manifest. */
async function manifest(name: string, subject: string, signerName: string): Promise<string> {
  const [key, request] = [file(`${name}.key`), file(`${name}.csr`)]
  const args = [
    'req',
    '-new',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    key,
    '-out',
    request,
    '-subj',
    subject,
  ]
  const { code, stderr } = await run('openssl', args)
  if (code !== 0) throw new Error(stderr)
  const object = {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name },
    spec: {
      request: readFileSync(request).toString('base64'),
      signerName,
      expirationSeconds: 3600,
      usages: ['digital signature', 'key encipherment', 'client auth'],
    },
  }
  writeFileSync(file(`${name}.json`), JSON.stringify(object))
  return file(`${name}.json`)
}

/** The certificate of a request, once it is issued. */
async function issued(name: string): Promise<string> {
  const base64 = await eventually(`${name} is issued`, async () => {
    const text = await printed('get', 'csr', name, '-o', 'jsonpath={.status.certificate}')
    return text === '' ? undefined : text
  })
  return Buffer.from(base64, 'base64').toString()
}

/** Who the API server says the holder of a certificate is. */
async function whoAmI(name: string): Promise<unknown> {
  const base = JSON.parse(await printed('config', 'view', '--raw', '-o', 'json'))
  const user = {
    'client-certificate-data': Buffer.from(await issued(name)).toString('base64'),
    'client-key-data': readFileSync(file(`${name}.key`)).toString('base64'),
  }
  base.users = [{ name: base.contexts[0].context.user, user }]
  writeFileSync(file(`${name}.kubeconfig`), JSON.stringify(base))
  const args = ['--kubeconfig', file(`${name}.kubeconfig`), 'auth', 'whoami', '-o', 'json']
  const { stdout, stderr } = await run(clientBinary('kubectl'), args)
  if (!stdout) throw new Error(stderr)
  return JSON.parse(stdout).status.userInfo
}

async function conditions(name: string): Promise<unknown> {
  const request = JSON.parse(await printed('get', 'csr', name, '-o', 'json')) as CertificateSigningRequest
  return request.status?.conditions
}

beforeAll(async () => {
  cluster = await startCluster({ args: ['--runtime', 'simulated', '--name', 'certificates'] })
})
afterAll(async () => {
  if (cluster) await disposeCluster(cluster)
  rmSync(directory, { recursive: true })
})

describe('a certificate signing request', () => {
  it('is approved by kubectl, signed, and the certificate is good for a login', async () => {
    await printed(
      'apply',
      '-f',
      await manifest('ada', '/O=devs/O=ops/CN=ada', 'kubernetes.io/kube-apiserver-client'),
    )
    expect(await printed('get', 'csr', 'ada')).toMatch(/ada .* 60m +Pending/)
    await printed('certificate', 'approve', 'ada')
    expect(await whoAmI('ada')).toMatchObject({
      username: 'ada',
      groups: ['devs', 'ops', 'system:authenticated'],
    })
    expect(await printed('get', 'csr', 'ada')).toContain('Approved,Issued')
    const certificate = new X509Certificate(await issued('ada'))
    expect(Date.parse(certificate.validTo) - Date.now()).toBeLessThanOrEqual(3600_000)
    writeFileSync(file('ada.crt'), certificate.toString())
    writeFileSync(file('ca.crt'), readFileSync(join(cluster.dataDirectory, 'pki/ca.crt')))
    const verified = await run('openssl', [
      'verify',
      '-purpose',
      'sslclient',
      '-CAfile',
      file('ca.crt'),
      file('ada.crt'),
    ])
    expect(verified.stdout).toContain('OK')
  })

  it('that is denied stays unsigned', async () => {
    await printed('apply', '-f', await manifest('bob', '/CN=bob', 'kubernetes.io/kube-apiserver-client'))
    await printed('certificate', 'deny', 'bob')
    expect(await printed('get', 'csr', 'bob')).toMatch(/Denied\n/)
    expect(await conditions('bob')).toMatchObject([{ type: 'Denied', reason: 'KubectlDeny' }])
  })

  it('of a kubelet for its own next certificate is approved by itself', async () => {
    const path = await manifest(
      'n9',
      '/O=system:nodes/CN=system:node:n9',
      'kubernetes.io/kube-apiserver-client-kubelet',
    )
    await printed('create', '-f', path, '--as', 'system:node:n9', '--as-group', 'system:nodes')
    expect(await whoAmI('n9')).toMatchObject({ username: 'system:node:n9' })
    expect(await conditions('n9')).toMatchObject([
      {
        type: 'Approved',
        reason: 'AutoApproved',
        message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
      },
    ])
  })

  it('of somebody else in the name of a node waits for a person', async () => {
    const path = await manifest(
      'n8',
      '/O=system:nodes/CN=system:node:n8',
      'kubernetes.io/kube-apiserver-client-kubelet',
    )
    const refused = await kubectl(
      'create',
      '-f',
      path,
      '--as',
      'system:node:n7',
      '--as-group',
      'system:nodes',
    )
    expect(refused.stderr).toContain('can only create a node CSR with CN=system:node:n7')
    await printed(
      'create',
      'clusterrolebinding',
      'ben',
      '--clusterrole=system:node-bootstrapper',
      '--user=ben',
    )
    await eventually(
      'ben may ask',
      async () => (await kubectl('create', '-f', path, '--as', 'ben')).code === 0,
    )
    await printed('apply', '-f', await manifest('later', '/CN=later', 'kubernetes.io/kube-apiserver-client'))
    await printed('certificate', 'approve', 'later')
    await issued('later')
    expect(await conditions('n8')).toBeUndefined()
    await printed('certificate', 'approve', 'n8')
    expect(await whoAmI('n8')).toMatchObject({ username: 'system:node:n8' })
  })

  it('for more than the signer gives fails', async () => {
    const path = await manifest('eve', '/CN=eve', 'kubernetes.io/kube-apiserver-client-kubelet')
    await printed('apply', '-f', path)
    await printed('certificate', 'approve', 'eve')
    await eventually('it failed', async () =>
      (await printed('get', 'csr', 'eve')).includes('Approved,Failed'),
    )
    expect(await conditions('eve')).toMatchObject([
      { type: 'Approved' },
      {
        type: 'Failed',
        reason: 'SignerValidationFailure',
        message: 'subject organization is not system:nodes',
      },
    ])
  })
})
