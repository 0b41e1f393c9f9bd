import { describe, expect, it } from 'vitest'
import type { KubeletSettings } from '../kubelet/kubelet-settings.ts'
import { parseCommand } from './options.ts'
import { UsageError } from './usage-error.ts'

function settings(...args: string[]): KubeletSettings | undefined {
  const command = parseCommand(args)
  return command.command === 'run' ? command.options.kubelet : undefined
}

describe('flags of the kubelets', () => {
  it('are left to the defaults where none is given', () => {
    expect(settings()).toBeUndefined()
  })

  it('set thresholds in upstream’s syntax, which take the place of the default ones', () => {
    const found = settings(
      '--eviction-hard=memory.available<100Mi,imagefs.available<15%',
      '--eviction-soft=memory.available<1.5Gi',
      '--eviction-soft-grace-period=memory.available=1m30s',
      '--eviction-minimum-reclaim=imagefs.available=2Gi',
      '--eviction-pressure-transition-period=30s',
      '--eviction-max-pod-grace-period=60',
    )
    expect(found).toMatchObject({
      evictionThresholds: [
        { signal: 'memory.available', value: { amount: 100 * 2 ** 20 } },
        { signal: 'imagefs.available', value: { part: 0.15 }, minimumReclaim: { amount: 2 ** 31 } },
        { signal: 'memory.available', value: { amount: 1.5 * 2 ** 30 }, graceMs: 90_000 },
      ],
      evictionTransitionMs: 30_000,
      evictionMaxPodGraceSeconds: 60,
    })
  })

  it('set when images go, and which kernel parameters pods may set', () => {
    expect(
      settings(
        '--image-gc-high-threshold=90',
        '--minimum-image-ttl-duration=1h',
        '--allowed-unsafe-sysctls=kernel.msg*,net.core.somaxconn',
        '--pod-max-pids=100',
      ),
    ).toMatchObject({
      imageCollection: { thresholds: { high: 90, low: 80 }, minimumAgeMs: 3_600_000 },
      allowedUnsafeSysctls: ['kernel.msg*', 'net.core.somaxconn'],
      podPidsLimit: 100,
    })
  })

  it.each([
    ['--eviction-hard=memory.free<1Gi', '--eviction-hard: unsupported eviction signal memory.free'],
    ['--eviction-hard=memory.available', '--eviction-hard "memory.available": must be SIGNAL<VALUE'],
    [
      '--eviction-hard=memory.available<1Gi,memory.available<2Gi',
      '--eviction-hard: found duplicate eviction threshold for signal memory.available',
    ],
    [
      '--eviction-hard=memory.available<lots',
      '--eviction-hard "lots": must be a quantity such as 100Mi, or a percentage',
    ],
    [
      '--eviction-soft=memory.available<1Gi',
      'grace period must be specified for the soft eviction threshold memory.available',
    ],
    [
      '--image-gc-high-threshold=101',
      '--image-gc-high-threshold "101": must be a whole number from 0 to 100',
    ],
    [
      '--image-gc-low-threshold=85',
      '--image-gc-low-threshold 85 must be less than --image-gc-high-threshold 85',
    ],
    ['--minimum-image-ttl-duration=2', '--minimum-image-ttl-duration "2": must be a duration such as 1m30s'],
    ['--allowed-unsafe-sysctls=vm.swappiness', 'the sysctls "vm.swappiness" are not known to be namespaced'],
  ])('are refused: %s', (flag, message) => {
    expect(() => settings(flag)).toThrow(new UsageError(message))
  })
})
