import { beforeEach, describe, expect, it } from 'vitest'
import { causesOf, TestKinds } from '../testing/test-kinds.ts'
import type { AnyObject } from '../testing/test-kinds.ts'

let kinds: TestKinds
beforeEach(() => {
  kinds = new TestKinds()
})

const make = (kind: string, members: string): Promise<AnyObject> =>
  kinds.create(`{ kind: ${kind}, apiVersion: v1, metadata: { name: a }, ${members} }`)

const badKey =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"

describe('ConfigMap', () => {
  it('has every key once', async () => {
    const members = 'data: { "a b": x, both: y, ..x: z }, binaryData: { both: eA== }'
    expect(await causesOf(make('ConfigMap', members))).toEqual([
      `FieldValueInvalid data[a b]: Invalid value: "a b": ${badKey}`,
      'FieldValueInvalid data[both]: Invalid value: "both": duplicate of key present in binaryData',
      'FieldValueInvalid data[..x]: Invalid value: "..x": must not start with \'..\'',
    ])
  })

  it('is no larger than a mebibyte', async () => {
    const half = 'x'.repeat(512 * 1024)
    const members = `data: { a: ${half} }, binaryData: { b: ${Buffer.from(`${half}y`).toString('base64')} }`
    expect(await causesOf(make('ConfigMap', members))).toEqual([
      'FieldValueTooLong []: Too long: may not be more than 1048576 bytes',
    ])
  })

  it('stays as it is when it says so', async () => {
    const map = await make('ConfigMap', 'data: { a: x }, immutable: true')
    const causes = await causesOf(
      kinds.update(map, (copy) => Object.assign(copy, { data: { a: 'y' }, immutable: false })),
    )
    const why = 'field is immutable when `immutable` is set'
    expect(causes).toEqual([
      `FieldValueForbidden immutable: Forbidden: ${why}`,
      `FieldValueForbidden data: Forbidden: ${why}`,
    ])
  })
})

describe('Secret', () => {
  const config = 'FieldValueInvalid data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": '
  it.each<[members: string, causes: string[]]>([
    [
      'type: kubernetes.io/tls',
      ['data[tls.crt]', 'data[tls.key]'].map((key) => `FieldValueRequired ${key}: Required value`),
    ],
    [
      'type: kubernetes.io/ssh-auth, stringData: { ssh-privatekey: "" }',
      ['FieldValueRequired data[ssh-privatekey]: Required value'],
    ],
    [
      'type: kubernetes.io/basic-auth',
      ['data[username]', 'data[password]'].map((key) => `FieldValueRequired ${key}: Required value`),
    ],
    ['type: kubernetes.io/basic-auth, stringData: { username: "" }', []],
    [
      'type: kubernetes.io/service-account-token',
      ['FieldValueRequired metadata.annotations[kubernetes.io/service-account.name]: Required value'],
    ],
    ['type: kubernetes.io/dockercfg', ['FieldValueRequired data[.dockercfg]: Required value']],
    [
      'type: kubernetes.io/dockerconfigjson, stringData: { .dockerconfigjson: "" }',
      [`${config}unexpected end of JSON input`],
    ],
    [
      'type: kubernetes.io/dockerconfigjson, stringData: { .dockerconfigjson: "[1]" }',
      [`${config}json: cannot unmarshal array into Go value of type map[string]interface {}`],
    ],
    [
      'type: kubernetes.io/dockerconfigjson, stringData: { .dockerconfigjson: "auths: x" }',
      [`${config}invalid character 'a' looking for beginning of value`],
    ],
    [
      'type: kubernetes.io/dockerconfigjson, stringData: { .dockerconfigjson: "{\\"auths\\": {" }',
      [`${config}unexpected end of JSON input`],
    ],
    ['type: kubernetes.io/dockerconfigjson, stringData: { .dockerconfigjson: "{}" }', []],
  ])('with %s', async (members, causes) => {
    expect(await causesOf(make('Secret', members))).toEqual(causes)
  })
})

describe('ServiceAccount', () => {
  it('knows the names of its secrets alone', async () => {
    const account = await make('ServiceAccount', 'secrets: [{ name: s, kind: Secret, namespace: x }]')
    expect(account.secrets).toEqual([{ name: 's' }])
  })
})

describe('Endpoints', () => {
  it('are refused for every problem at once', async () => {
    const subset =
      '{ addresses: [{ ip: x }, { ip: 127.0.0.1, nodeName: A_ }], ports: [{ port: 0 }, { name: A, port: 1, protocol: Odd, appProtocol: "a b" }] }'
    expect(await causesOf(make('Endpoints', `subsets: [{}, ${subset}]`))).toEqual([
      'FieldValueRequired subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`',
      'FieldValueInvalid subsets[1].addresses[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'FieldValueInvalid subsets[1].addresses[0].ip: Invalid value: "x": must be a valid IP address',
      expect.stringContaining('FieldValueInvalid subsets[1].addresses[1].nodeName: Invalid value: "A_"'),
      'FieldValueInvalid subsets[1].addresses[1].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      'FieldValueRequired subsets[1].ports[0].name: Required value',
      'FieldValueInvalid subsets[1].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      expect.stringContaining('FieldValueInvalid subsets[1].ports[1].name: Invalid value: "A"'),
      'FieldValueNotSupported subsets[1].ports[1].protocol: Unsupported value: "Odd": supported values: "SCTP", "TCP", "UDP"',
      expect.stringContaining('FieldValueInvalid subsets[1].ports[1].appProtocol: Invalid value: "a b"'),
    ])
  })
})
