import { beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { signingRequest } from '../../testing/minimal-manifests.ts'
import { refusalOf, TestKinds } from '../../testing/test-kinds.ts'
import { signingRequestProblem } from './signing-request.ts'

let kinds: TestKinds
beforeEach(() => {
  kinds = new TestKinds()
})

/** Requests by an RSA and an Ed25519 key. */
const others = {
  rsa: 'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlJQ1lqQ0NBVW9DQVFBd0hURU1NQW9HQTFVRUF3d0RZV1JoTVEwd0N3WURWUVFLREFSa1pYWnpNSUlCSWpBTgpCZ2txaGtpRzl3MEJBUUVGQUFPQ0FROEFNSUlCQ2dLQ0FRRUF3RTVkZDdnSGFzZHdDajNVb3dSZkZsMDNWRmtNCkI4cjFFVWZaa3hDUjlscmFmbEVIQnQ1eTBORVAzbXJhK0cxMmxsakg1aERXaUlUdndkanhBZC94Tk1lalZXRmsKaGFWR0tHN2txSXJhR2hOeFArRC91M2MwbVJmVGQ3cFRhRFdkcFArUTNENzdqRmxtSk5qeTBZTi80TS9tQldVVQpKVlErang5cXFwYjhRZHJxek9MOXlORTlOSHJCNDFmQ0hhNmJweXF2cGU5WG12d1VoeEFpZkJ6RHc3SVMxL2szCnBvUEk2MjJRL2xjQzlmdW9ZTUpsV0RncjRKV2NLeTBBK0o2ZkgrdE9WTVRldVo4VlZUbWgzbWtsdCtYa3NzeWcKeDh5RzF6Y0srOVhQb25scG95cDI1aFBUSDcyemVXZmp0VWNlVWpwR0FOZk1pV3IwNjRBZkhLVG5yd0lEQVFBQgpvQUF3RFFZSktvWklodmNOQVFFTEJRQURnZ0VCQUV6OWJ3UDZvTVVWaXNSZ2RlMUprY0VkVHJtcFBTWEY1L3FpCnYwQnhVVWxVN1k1REdOMERUTDZ6cy9IaXZwa0lxb2pNdHhDY1VaUU40RWlhenVOOEs3Sy9ZVkZtVmRSeWdJQ3MKd3ErUHJhYzBnb0pqRHBxcytXL0p4enlINFJNUnlmY1psMVM2QjFWRlJMSnlBVTc0V1FYSG94WW9wd0pLMWVNaQp3QU14ZUpZc0t6ckpBZnRYVCtpYkhPRHptYWs2WTlYN1Rpbm1UY2FBMW1ZUmNsWDdPbjVDQ2p5WElXQnd3S3BGCkFGOGVTK1VlTURleGRGVnA0c1Y3OGZvUFFDUW5HcWhkb0Q1R3NlTTBZZ2lHN2VEcFNQQ2pnd1BFTm02L2kxYTAKV25PTVdQMzhHaG1OQlZlaXRSV3RVbGtxVUhOYXpobEJFeDVoVjRjZm5MV0JVQ3dOcEtVPQotLS0tLUVORCBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K',
  ed25519:
    'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlHTk1FRUNBUUF3RGpFTU1Bb0dBMVVFQXd3RFlXUmhNQ293QlFZREsyVndBeUVBYWllOU5oS2NzODJHdno3awpJZXp4TW1yUGZoRjk3S3lqWE9XdkJrY3Z6L21nQURBRkJnTXJaWEFEUVFBUW1YSTNybGRaeG8vRVVIaWZlak5qCk51d1QzbXVMMExXWmlZWXR6allsMUNCRzBwTnQ5K3p3dDRONWNnUkoyL2l4cVhSYjF3bWtxNnhRK1EzbU9BME0KLS0tLS1FTkQgQ0VSVElGSUNBVEUgUkVRVUVTVC0tLS0tCg==',
}
const yaml = (rest = ''): string =>
  `{ kind: CertificateSigningRequest, metadata: { name: ada }, spec: { request: ${signingRequest}, signerName: kubernetes.io/kube-apiserver-client, usages: [client auth] ${rest} } }`
const approve = { type: 'Approved', status: 'True', reason: 'KubectlApprove', message: 'approved' }

describe('a signing request', () => {
  it.each(Object.entries({ ecdsa: signingRequest, ...others }))(
    'by %s is signed by its own key',
    (_name, base64) => {
      expect(signingRequestProblem(base64)).toBeUndefined()
    },
  )

  it('is refused when it is none, or was changed', () => {
    expect(signingRequestProblem(Buffer.from('hello').toString('base64'))).toBe(
      'PEM block type must be CERTIFICATE REQUEST',
    )
    const der = Buffer.from(pemBody(signingRequest), 'base64')
    der[der.indexOf('ada')] = 'b'.charCodeAt(0)
    expect(signingRequestProblem(pem(der))).toBe('x509: signature verification failed')
    expect(signingRequestProblem(pem(der.subarray(0, 40)))).toContain('malformed certificate request')
  })
})

describe('CertificateSigningRequest', () => {
  it('says who asks, whatever the request claims', async () => {
    const made = await kinds.create(
      yaml(', username: root, groups: [system:masters], expirationSeconds: 3600'),
    )
    expect(made.spec).toMatchObject({ username: 'ada', uid: 'u1', groups: ['devs', 'system:authenticated'] })
    expect(kinds.row(made)).toBe('ada 5m kubernetes.io/kube-apiserver-client ada 60m Pending')
    const kept = await kinds.update(made, (copy) => (copy.spec.username = 'root'))
    expect(kept.spec.username).toBe('ada')
  })

  it('is approved by one and signed by another', async () => {
    const made = await kinds.create(yaml())
    const decide = (copy: { status: object }): void => {
      copy.status = { conditions: [approve] }
    }
    expect(await refusalOf(kinds.update(made, decide, 'status'))).toBe(
      'status.conditions: Forbidden: updates may not add a condition of type "Approved"',
    )
    const approved = await kinds.update(made, decide, 'approval')
    expect(approved.status.conditions).toEqual([
      { ...approve, lastUpdateTime: '2026-01-01T00:00:00Z', lastTransitionTime: '2026-01-01T00:00:00Z' },
    ])
    expect(kinds.row(approved)).toContain('Approved')
    const deny = kinds.update(
      approved,
      (copy) => copy.status.conditions.push({ ...approve, type: 'Denied' }),
      'approval',
    )
    expect(await refusalOf(deny)).toContain('Approved and Denied conditions are mutually exclusive')
    const noted = (copy: typeof made): unknown => (copy.metadata.annotations = { by: 'ada' })
    const annotated = await kinds.update(approved, noted, 'approval')
    expect(annotated.metadata).toMatchObject({ annotations: { by: 'ada' }, uid: made.metadata.uid })
    expect(annotated.status.conditions).toEqual(approved.status.conditions)
    const revoke = kinds.update(annotated, (copy) => (copy.status.conditions = []), 'approval')
    expect(await refusalOf(revoke)).toContain('updates may not remove a condition of type "Approved"')
    const wrong = kinds.update(annotated, (copy) => (copy.status.certificate = 'aGVsbG8='), 'status')
    expect(await refusalOf(wrong)).toBe(
      'status.certificate: Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM block',
    )
  })

  it.each<[Record<string, unknown>, string]>([
    [
      { expirationSeconds: 60 },
      'spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 600 seconds (10 minutes)',
    ],
    [{ usages: ['flying'] }, 'spec.usages[0]: Unsupported value: "flying"'],
    [{ usages: ['any', 'any'] }, 'spec.usages[1]: Duplicate value: "any"'],
    [
      { signerName: 'mine' },
      'spec.signerName: Invalid value: "mine": must be a fully qualified domain and path',
    ],
    [
      { signerName: 'kubernetes.io/legacy-unknown' },
      'the legacy signerName is not allowed via this API version',
    ],
    [
      { request: 'aGVsbG8=' },
      'spec.request: Invalid value: "aGVsbG8=": PEM block type must be CERTIFICATE REQUEST',
    ],
  ])('refuses %j', async (part, message) => {
    const object = { ...parse(yaml()) }
    Object.assign(object.spec, part)
    expect(await refusalOf(kinds.create(JSON.stringify(object)))).toContain(message)
  })
})

function pemBody(base64: string): string {
  return Buffer.from(base64, 'base64')
    .toString('latin1')
    .replace(/-----[^-]+-----/g, '')
}

function pem(der: Buffer): string {
  const text = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
  return Buffer.from(text).toString('base64')
}
