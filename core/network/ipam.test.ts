import { describe, expect, it } from 'vitest'
import { createAddressAllocator } from './ipam.ts'

describe('address allocator', () => {
  it('starts after the reserved addresses and keeps a pod its address until release', () => {
    const allocator = createAddressAllocator('10.244.1.0/24')
    expect(allocator.allocate('a')).toBe('10.244.1.2')
    expect(allocator.allocate('b')).toBe('10.244.1.3')
    expect(allocator.allocate('a')).toBe('10.244.1.2')
  })

  it('hands a released address out again only after all others', () => {
    const allocator = createAddressAllocator('10.244.1.0/24')
    allocator.allocate('a')
    allocator.release('a')
    const seen = Array.from({ length: 253 }, (_, index) => allocator.allocate(`p${index}`))
    expect(seen[0]).toBe('10.244.1.3')
    expect(seen.at(-1)).toBe('10.244.1.2')
    expect(new Set(seen).size).toBe(253)
    expect(seen).not.toContain('10.244.1.255')
    expect(() => allocator.allocate('one more')).toThrow('no address is free in the pod range 10.244.1.0/24')
    allocator.release('p7')
    expect(allocator.allocate('one more')).toBe(seen[7])
  })

  it('does not hand out adopted addresses', () => {
    const allocator = createAddressAllocator('10.244.1.0/24')
    allocator.adopt('old', '10.244.1.2')
    expect(allocator.allocate('new')).toBe('10.244.1.3')
    expect(allocator.allocate('old')).toBe('10.244.1.2')
  })

  it('takes only a /24', () => {
    expect(() => createAddressAllocator('10.244.0.0/16')).toThrow('must be a /24')
  })
})
