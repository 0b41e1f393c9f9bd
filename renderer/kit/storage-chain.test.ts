import { describe, expect, it } from 'vitest'
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../core/api/generated/core-v1.ts'
import { bindingChain, toneOfPhase, volumeSource } from './storage-chain.ts'

const claim = {
  metadata: { namespace: 'shop', name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, volumeName: 'pv' },
  status: { phase: 'Bound' },
} as PersistentVolumeClaim
const volume = {
  metadata: { name: 'pv' },
  spec: {
    capacity: { storage: '2Gi' },
    hostPath: { path: '/data' },
    persistentVolumeReclaimPolicy: 'Retain',
  },
  status: { phase: 'Bound' },
} as PersistentVolume
const pod = (name: string, claimName: string): Pod => ({
  metadata: { namespace: 'shop', name },
  spec: { containers: [], volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }] },
})

describe('the chain of a volume', () => {
  it('leads from the pods that mount it to its class', () => {
    const storageClass = { metadata: { name: 'fast' }, provisioner: 'local', volumeBindingMode: 'Immediate' }
    const chain = bindingChain({
      claim,
      claimRef: { namespace: 'shop', name: 'data' },
      volume,
      storageClass,
      className: 'fast',
      pods: [pod('writer', 'data'), pod('other', 'logs')],
    })
    expect(chain.map(({ refs }) => refs.map(({ kind, name }) => `${kind}/${name}`))).toEqual([
      ['Pod/writer'],
      ['PersistentVolumeClaim/data'],
      ['PersistentVolume/pv'],
      ['StorageClass/fast'],
    ])
    expect(chain.map(({ facts }) => facts)).toEqual([
      undefined,
      '1Gi · ReadWriteOnce',
      '2.0 GiB · hostPath /data · Retain',
      'local · Immediate',
    ])
  })

  it('tells a class that is missing from none being wanted', () => {
    const of = (className: string | undefined): string | undefined =>
      bindingChain({
        claim,
        claimRef: undefined,
        volume: undefined,
        storageClass: undefined,
        className,
        pods: [],
      }).at(-1)?.none
    expect([of('gone'), of(undefined)]).toEqual(['storage.classMissing', 'storage.noClass'])
  })

  it('reads phases and sources', () => {
    expect(['Bound', 'Available', 'Released', 'Lost', 'Pending', 'Failed'].map(toneOfPhase)).toEqual([
      'ok',
      'off',
      'warn',
      'warn',
      'progress',
      'bad',
    ])
    expect(volumeSource({ ...volume, spec: { csi: { driver: 'd', volumeHandle: 'h' } } })).toBe('csi d')
  })
})
