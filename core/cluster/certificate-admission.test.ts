import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CertificateSigningRequest } from '../api/generated/certificates-v1.ts'
import { resources } from '../api/resources.ts'
import { createClient, type Client } from '../client/client.ts'
import type { Transport } from '../client/transport.ts'
import { signingRequest } from '../kinds/testing/minimal-manifests.ts'
import type { ControlPlane } from './control-plane.ts'
import { openWithAccessControl } from './testing/open-with-access-control.ts'
import { waitFor } from './testing/wait-for.ts'

const directory = mkdtempSync(join(tmpdir(), 'wheelhouse-signers-'))
const apiGroup = 'rbac.authorization.k8s.io'
let plane: ControlPlane
let admin: Client

/** A client past authorization, of somebody who holds no more than bindings give. */
function clientOf(name: string): Client {
  const local: Transport = plane.server.localTransport({ name, groups: ['system:authenticated'] })
  return createClient(local)
}

beforeAll(async () => {
  plane = await openWithAccessControl(directory)
  admin = plane.clientFor('admin')
  const grants = {
    approver: { verb: 'approve', signer: 'example.com/mine' },
    domain: { verb: 'approve', signer: 'example.com/*' },
    signer: { verb: 'sign', signer: 'example.com/mine' },
  }
  for (const [name, { verb, signer }] of Object.entries(grants)) {
    await admin.create(resources.clusterRoles, {
      metadata: { name },
      rules: [
        {
          apiGroups: ['certificates.k8s.io'],
          resources: ['signers'],
          resourceNames: [signer],
          verbs: [verb],
        },
      ],
    })
    await admin.create(resources.clusterRoleBindings, {
      metadata: { name },
      roleRef: { apiGroup, kind: 'ClusterRole', name },
      subjects: [{ apiGroup, kind: 'User', name }],
    })
  }
  // Bindings count once the informers have seen them.
  await submit('first', 'example.com/mine')
  await waitFor(async () => {
    await approve('domain', 'first')
    return true
  })
})
afterAll(async () => {
  await plane.close()
  rmSync(directory, { recursive: true })
})

async function submit(name: string, signerName: string, request = signingRequest): Promise<void> {
  await admin.create(resources.certificateSigningRequests, {
    metadata: { name },
    spec: { request, signerName, usages: ['client auth'] },
  })
}

function withCondition(request: CertificateSigningRequest, type: string): CertificateSigningRequest {
  const condition = { type, status: 'True', reason: 'Test', message: 'm' }
  const conditions = [...(request.status?.conditions ?? []), condition]
  return { ...request, status: { ...request.status, conditions } }
}

async function approve(user: string, name: string): Promise<void> {
  const request = await admin.get(resources.certificateSigningRequests, { name })
  const ref = { name, subresource: 'approval' }
  const decided = withCondition(request, 'Approved')
  await clientOf(user).updateSubresource(resources.certificateSigningRequests, ref, decided)
}

async function fail(user: string, name: string): Promise<CertificateSigningRequest> {
  const request = await admin.get(resources.certificateSigningRequests, { name })
  return clientOf(user).updateStatus(resources.certificateSigningRequests, withCondition(request, 'Failed'))
}

const refused = (name: string, why: string): object => ({
  code: 403,
  reason: 'Forbidden',
  message: `certificatesigningrequests.certificates.k8s.io "${name}" is forbidden: ${why}`,
})

describe('CertificateApproval', () => {
  it('wants the right to approve for the signer, or for all of its domain', async () => {
    for (const name of ['a1', 'a2', 'a3']) await submit(name, 'example.com/mine')
    await approve('approver', 'a1')
    await approve('domain', 'a2')
    await expect(approve('signer', 'a3')).rejects.toMatchObject(
      refused('a3', 'user not permitted to approve requests with signerName "example.com/mine"'),
    )
  })
  it('goes by the signer the request was made for', async () => {
    await submit('b1', 'example.com/other')
    await expect(approve('approver', 'b1')).rejects.toMatchObject(
      refused('b1', 'user not permitted to approve requests with signerName "example.com/other"'),
    )
    await approve('domain', 'b1')
  })
})

describe('CertificateSigning', () => {
  it('wants the right to sign from whoever answers a request', async () => {
    await submit('c1', 'example.com/mine')
    await expect(fail('approver', 'c1')).rejects.toMatchObject(
      refused('c1', 'user not permitted to sign requests with signerName "example.com/mine"'),
    )
    const { status } = await fail('signer', 'c1')
    expect(status?.conditions).toMatchObject([{ type: 'Failed' }])
  })
  it('lets others write a status that answers nothing', async () => {
    await submit('c2', 'example.com/mine')
    const request = await admin.get(resources.certificateSigningRequests, { name: 'c2' })
    await expect(
      clientOf('approver').updateStatus(resources.certificateSigningRequests, request),
    ).resolves.toMatchObject({ metadata: { name: 'c2' } })
  })
})

describe('CertificateSubjectRestriction', () => {
  it('makes nobody an administrator by the signer for clients, and leaves the other signers alone', async () => {
    const request = await requestFor('CN=eve,O=devs,O=system:masters')
    const signer = 'kubernetes.io/kube-apiserver-client'
    await expect(submit('d1', signer, request)).rejects.toMatchObject(
      refused('d1', `use of ${signer} signer with system:masters group is not allowed`),
    )
    await submit('d2', 'example.com/mine', request)
    await submit('d3', signer, await requestFor('CN=eve,O=devs'))
  })
})

describe('NodeRestriction', () => {
  const kubelet = 'kubernetes.io/kube-apiserver-client-kubelet'
  const ask = async (name: string, subject: string, signerName = kubelet): Promise<unknown> =>
    plane.nodeClientFor('n1').create(resources.certificateSigningRequests, {
      metadata: { name },
      spec: { request: await requestFor(subject), signerName, usages: ['client auth'] },
    })

  it('lets a node ask for its own certificates only', async () => {
    for (const signer of [kubelet, 'kubernetes.io/kubelet-serving'])
      await expect(ask('e1', 'CN=system:node:n2,O=system:nodes', signer)).rejects.toMatchObject(
        refused('e1', 'can only create a node CSR with CN=system:node:n1'),
      )
    await ask('e2', 'CN=system:node:n1,O=system:nodes')
    await ask('e3', 'CN=anything', 'example.com/mine')
  })
})

/** Base64 of a PEM request for a new key. */
async function requestFor(name: string): Promise<string> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const request = await Pkcs10CertificateRequestGenerator.create({ name, keys, signingAlgorithm: algorithm })
  return Buffer.from(request.toString('pem')).toString('base64')
}
