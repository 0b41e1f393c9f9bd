import type { PersistentVolume, PersistentVolumeClaim } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import { vacProtectionFinalizer } from '../../api/volume-finalizers.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController, watchOf } from '../kit/run-controller.ts'

const byClass = 'volumeAttributesClass'

/**
 * Lets a deleted VolumeAttributesClass go once no claim and no volume has it or is on its way to it (upstream:
 * pkg/controller/volume/vacprotection). Admission puts the finalizer there; a class from before that gets it here.
 */
export function createAttributesClassProtectionController(dependencies: ControllerDependencies): Controller {
  const { client, informers } = dependencies
  const claims = informers.informer(resources.persistentVolumeClaims)
  const volumes = informers.informer(resources.persistentVolumes)
  claims.addIndex(byClass, classesOfClaim)
  volumes.addIndex(byClass, classesOfVolume)

  return defineController(dependencies, {
    name: 'vac-protection',
    for: resources.volumeAttributesClasses,
    watches: [
      watchOf(resources.persistentVolumeClaims, ({ object, previous }) => [
        ...classesOfClaim(object),
        ...(previous ? classesOfClaim(previous) : []),
      ]),
      watchOf(resources.persistentVolumes, ({ object, previous }) => [
        ...classesOfVolume(object),
        ...(previous ? classesOfVolume(previous) : []),
      ]),
    ],
    async reconcile({ name, object }) {
      if (!object) return
      const finalizers = object.metadata.finalizers ?? []
      const isProtected = finalizers.includes(vacProtectionFinalizer)
      const isDeleted = object.metadata.deletionTimestamp !== undefined
      if (isProtected !== isDeleted) return
      const isUsed =
        claims.store.byIndex(byClass, name).length > 0 || volumes.store.byIndex(byClass, name).length > 0
      if (isDeleted && isUsed) return
      const wanted = isDeleted
        ? finalizers.filter((one) => one !== vacProtectionFinalizer)
        : [...finalizers, vacProtectionFinalizer]
      try {
        const metadata = { ...object.metadata, finalizers: wanted }
        await client.update(resources.volumeAttributesClasses, { ...object, metadata })
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
    },
  })
}

function classesOfClaim({ spec, status }: PersistentVolumeClaim): string[] {
  const names = [
    spec.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ]
  return [...new Set(names)].filter((name) => name !== undefined && name !== '') as string[]
}

function classesOfVolume({ spec }: PersistentVolume): string[] {
  return spec.volumeAttributesClassName ? [spec.volumeAttributesClassName] : []
}
