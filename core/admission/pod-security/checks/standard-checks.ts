import type { Check } from '../check.ts'
import { allowPrivilegeEscalation } from './allow-privilege-escalation.ts'
import { appArmorProfile } from './app-armor-profile.ts'
import { capabilitiesBaseline, capabilitiesRestricted } from './capabilities.ts'
import { hostNamespaces, hostPathVolumes, hostPorts, hostProbesAndHostLifecycle } from './host-access.ts'
import { windowsHostProcess } from './host-process.ts'
import { privileged } from './privileged.ts'
import { procMountBaseline, procMountRestricted } from './proc-mount.ts'
import { restrictedVolumes } from './restricted-volumes.ts'
import { runAsNonRoot, runAsUser } from './run-as.ts'
import { seLinuxOptions } from './se-linux-options.ts'
import { seccompBaseline, seccompRestricted } from './seccomp-profile.ts'
import { sysctls } from './sysctls.ts'

/** All rules of the Pod Security Standards as of release 1.36, in the order that messages name them. */
export const standardChecks: readonly Check[] = [
  appArmorProfile,
  capabilitiesBaseline,
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostProbesAndHostLifecycle,
  privileged,
  procMountBaseline,
  seLinuxOptions,
  seccompBaseline,
  sysctls,
  windowsHostProcess,
  allowPrivilegeEscalation,
  capabilitiesRestricted,
  procMountRestricted,
  restrictedVolumes,
  runAsNonRoot,
  runAsUser,
  seccompRestricted,
]
