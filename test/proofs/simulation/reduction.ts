import type { Call, CallName } from './call.ts'
import { type Choice, ordinaryChoices } from './choice.ts'
import type { Disk } from './disk.ts'
import type { Process, World } from './world.ts'

/**
 * Leaves out orders that nobody could tell apart (partial-order reduction; Godefroid, "Partial-Order Methods for the
 * Verification of Concurrent Systems", 1996): a call that no other process can notice, and that notices no other,
 * is made at once, and not also after everything that the others might do first.
 */
export class Reduction {
  /** Somebody lists the sessions' directories or looks at file times, and so notices what others don't. */
  readonly #lists: boolean
  /** A start lists its directory, and notices drafts that are old; a cleaner removes any. */
  readonly #agesDrafts: boolean
  /** A cleaner removes shards that are empty. */
  readonly #removesShards: boolean

  /** @param timeJumps the clock may make what is unfinished old */
  constructor({ processes }: World, timeJumps: boolean) {
    const verbs = new Set(
      processes.flatMap(({ course }) => course.program.operations.map(({ verb }) => verb)),
    )
    this.#lists = verbs.has('sweep') || verbs.has('records')
    this.#agesDrafts = (verbs.has('start') && timeJumps) || verbs.has('clean')
    this.#removesShards = verbs.has('clean')
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
      case 'fileSystem':
        return true
      case 'pathStatus':
      case 'realPath':
      case 'makeDirectory':
        return isDirectory(disk, call.args[0] as string) && !this.#removesShards
      case 'syncDirectoryNow':
        return !disk.losesPower
      case 'holderStatus':
        // The dead stay dead.
        return processes.some(({ course, life }) => course.program.pid === call.args[0] && life === 'killed')
      case 'hintExpiry':
        return !this.#lists
      default:
        return !this.#lists && this.#isOwnFile(disk, it, call)
    }
  }

  #isOwnFile(disk: Disk, process: Process, { name, args }: Call): boolean {
    if (name === 'create') return this.#isOwn(args[0] as string)
    if (name === 'unlink') return isDraft(args[0] as string) && !this.#agesDrafts
    if (!OF_A_DESCRIPTOR.has(name)) return false
    const ino = process.descriptors.get(args[0] as number)
    for (const [path, named] of disk.names) if (named === ino) return this.#isOwn(path)
    return false
  }

  /** A name that nobody else knows. */
  #isOwn(path: string): boolean {
    return path.includes('/new-') || (isDraft(path) && !this.#agesDrafts)
  }
}

const OF_A_DESCRIPTOR: ReadonlySet<CallName> = new Set(['append', 'read', 'status', 'syncNow'])

const isDraft = (path: string): boolean => path.includes('/untorn.json.')

/** A directory, once there, stays as it is. */
function isDirectory(disk: Disk, path: string): boolean {
  const ino = disk.names.get(path)
  return ino !== undefined && disk.inode(ino).directory
}
