import { describe, expect, it } from 'vitest'
import { createCipher } from './create-cipher.ts'
import {
  createEncryptionKey,
  parseEncryptionConfiguration,
  printEncryptionConfiguration,
  type EncryptionConfiguration,
} from './encryption-configuration.ts'

const first = createEncryptionKey()
const second = createEncryptionKey()

describe('EncryptionConfiguration', () => {
  const cipher = (resources: string[]) =>
    createCipher([{ resources, providers: [{ aesgcm: [first] }, 'identity'] }])
  const value = Buffer.from('{}')
  it.each([
    ['secrets', '/core/secrets/a/b', true],
    ['secrets', '/core/configmaps/a/b', false],
    ['secrets', '/example.com/secrets/a/b', false],
    ['widgets.example.com', '/example.com/widgets/a/b', true],
    ['*.example.com', '/example.com/widgets/a/b', true],
    ['*.', '/core/pods/a/b', true],
    ['*.', '/apps/deployments/a/b', false],
    ['*.*', '/apps/deployments/a/b', true],
  ])('%s covers %s: %s', (resource, at, expected) => {
    expect(cipher([resource]).seal(at, value) !== value).toBe(expected)
  })

  it('reads what it prints, and lets the first rule count', () => {
    const rules: EncryptionConfiguration = [
      { resources: ['events'], providers: ['identity'] },
      { resources: ['*.*'], providers: [{ aesgcm: [first, second] }] },
    ]
    const read = parseEncryptionConfiguration(printEncryptionConfiguration(rules), 'f')
    expect(read).toEqual(rules)
    expect(createCipher(read).seal('/core/events/a/b', value)).toBe(value)
    expect(() => createCipher(read).open('/core/pods/a/b', value)).toThrow('it is stored unencrypted')
  })

  it.each([
    ['{}', 'f: it must be an EncryptionConfiguration of apiserver.config.k8s.io/v1'],
    ['[]}', 'f: '],
    [rule('- kms: {}'), 'f: resources[0].providers[0]: must be aesgcm or identity (this server has no kms)'],
    [
      rule('- aesgcm: {keys: [{name: a, secret: YQ==}]}'),
      'f: resources[0].providers[0].aesgcm.keys[0].secret: must be 32 bytes in base64',
    ],
    [rule('- aesgcm: {keys: []}'), 'f: resources[0].providers[0].aesgcm.keys: Required value'],
  ])('says what is wrong with %j', (text, message) => {
    expect(() => parseEncryptionConfiguration(text, 'f')).toThrow(message)
  })
})

function rule(provider: string): string {
  return `apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n- resources: [secrets]\n  providers:\n  ${provider}\n`
}
