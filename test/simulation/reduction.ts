import type { Call } from './call.ts'
import { type Choice, ordinaryChoices } from './choice.ts'
import type { Disk } from './disk.ts'
import type { Process, World } from './world.ts'

/**
 * Leaves out orders that nobody could tell apart (partial-order reduction; Godefroid, "Partial-Order Methods for the
 * Verification of Concurrent Systems", 1996): a call that no other process can notice, and that notices no other,
 * is made at once, and not also after everything that the others might do first.
 */
export class Reduction {
  /** Somebody lists directories or looks at file times, and so notices what others don't. */
  readonly #lists: boolean

  constructor({ processes }: World) {
    const verbs = processes.flatMap(({ course }) => course.program.operations.map(({ verb }) => verb))
    this.#lists = verbs.includes('sweep') || verbs.includes('records')
  }

  choices(world: World): Choice[] {
    const all = ordinaryChoices(world)
    const unnoticed = all.find((choice) => choice.kind === 'step' && this.#isUnnoticed(world, choice))
    return unnoticed ? [unnoticed] : all
  }

  #isUnnoticed({ disk, processes }: World, { process, step }: Extract<Choice, { kind: 'step' }>): boolean {
    const it = processes[process]!
    const { call } = it.place.standing
    if (step.kind !== 'call' || !call || it.half) return false
    switch (call.name) {
      case 'close':
      case 'release':
        return true
      case 'pathStatus':
        // A shard, once there, stays as it is.
        return (
          disk.names.has(call.args[0] as string) &&
          disk.inode(disk.names.get(call.args[0] as string)!).directory
        )
      case 'holderStatus':
        // The dead stay dead.
        return processes.some(({ course, life }) => course.program.pid === call.args[0] && life === 'killed')
      case 'hintExpiry':
        return !this.#lists
      default:
        return !this.#lists && isOwnFile(disk, it, call)
    }
  }
}

/** A temporary file has a name that nobody else knows. */
function isOwnFile(disk: Disk, process: Process, { name, args }: Call): boolean {
  if (name === 'create') return isTemporary(args[0] as string)
  if (name !== 'append' && name !== 'read' && name !== 'status') return false
  const ino = process.descriptors.get(args[0] as number)
  for (const [path, named] of disk.names) if (named === ino) return isTemporary(path)
  return false
}

const isTemporary = (path: string): boolean => path.includes('/new-')
