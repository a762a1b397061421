import { conflict, failed, record, Story, saved, tag } from './story.ts'

/** A name for the story, the story, and which promise it breaks. */
export type Case = [name: string, story: Story, promise: string]

const created = { is: 'created' } as const
const taken = { is: 'taken' } as const
const deleted = { is: 'deleted' } as const

export const lost: Case[] = [
  [
    'a save that was acknowledged is not there afterwards',
    Story.begun()
      .save('a', [10, 11], 'x', saved(1, { x: 'a' }))
      .save('b', [20, 21], 'y', saved(2, { y: 'b' })),
    'nothing lost',
  ],
  [
    'a load misses a save that was acknowledged',
    Story.begun()
      .save('a', [10, 11], 'x', saved(1, { x: 'a' }))
      .save('b', [20, 21], 'x', saved(2, { x: 'b' }))
      .load('c', [30, 31], record(2, { x: 'a' })),
    'whole',
  ],
  [
    'two saves were told that they made the same version',
    Story.begun()
      .save('a', [10, 13], 'x', saved(1, { x: 'a' }))
      .save('b', [11, 12], 'y', saved(1, { y: 'b' })),
    'nothing lost',
  ],
  [
    'a value that was deleted is there again',
    Story.begun()
      .save('a', [10, 11], 'x', saved(1, { x: 'a' }))
      .save('b', [20, 21], { set: { y: tag('b') }, delete: ['x'] }, saved(2, { y: 'b' }))
      .save('c', [30, 31], 'z', saved(3, { x: 'a', y: 'b', z: 'c' })),
    'nothing lost',
  ],
  [
    'an owner is lost',
    Story.begun()
      .save('a', [10, 11], { set: { x: tag('a') }, owner: 'Ada' }, saved(1, { x: 'a' }, { owner: 'Ada' }))
      .save('b', [20, 21], 'y', saved(2, { x: 'a', y: 'b' })),
    'nothing lost',
  ],
  [
    'the time of creation changes',
    Story.begun().save('a', [10, 11], 'x', saved(1, { x: 'a' }, { createdAt: 7 })),
    'nothing lost',
  ],
  [
    'there are more versions than changes',
    Story.begun()
      .save('a', [10, 11], 'x', saved(1, { x: 'a' }))
      .load('b', [20, 21], record(2, { x: 'a' })),
    'nothing lost',
  ],
  [
    'a save whose process was killed would have to have happened twice',
    Story.begun()
      .save('k', [10, 20, 'killed'], 'x')
      .load('a', [30, 31], record(1, { x: 'k' }))
      .save('b', [40, 41], 'x', saved(2, { x: 'b' }))
      .load('c', [50, 51], record(3, { x: 'k' })),
    'nothing lost',
  ],
  [
    'a save whose process was killed would have to have happened before it began',
    Story.begun()
      .save('a', [20, 21], 'x', saved(2, { x: 'a' }))
      .save('k', [30, 40, 'killed'], 'x'),
    'nothing lost',
  ],
  [
    'a save whose process was killed would have to have happened when a later version was there',
    Story.begun()
      .save('a', [10, 90], 'x', saved(2, { x: 'a' }))
      .save('b', [20, 40], 'y', saved(3, { x: 'a', y: 'b' }))
      .save('k', [50, 60, 'killed'], 'x'),
    'nothing lost',
  ],
  [
    'a save whose process was killed would have to have happened when an earlier version was still there after that',
    Story.begun()
      .save('k', [5, 20, 'killed'], 'y')
      .save('a', [10, 100], 'x', saved(1, { x: 'a' }))
      .load('b', [30, 31], record(0))
      .save('c', [110, 111], 'y', saved(3, { x: 'a', y: 'c' })),
    'nothing lost',
  ],
  [
    'a save whose process was killed would have to have made two versions',
    Story.begun()
      .save('k', [10, 20, 'killed'], 'x')
      .save('a', [30, 31], 'x', saved(3, { x: 'a' })),
    'nothing lost',
  ],
  [
    'a conditional save whose process was killed would have to have made another version than its own',
    Story.begun()
      .save('k', [10, 20, 'killed'], 'x', undefined, 5)
      .save('a', [30, 31], 'x', saved(2, { x: 'a' })),
    'nothing lost',
  ],
  [
    'a save whose process was killed would have to have happened after that',
    Story.begun()
      .save('k', [10, 20, 'killed'], 'x')
      .load('a', [30, 31], record(0))
      .save('b', [40, 41], 'x', saved(2, { x: 'b' })),
    'nothing lost',
  ],
  [
    'an expiry that was set is lost',
    Story.begun()
      .save('a', [10, 11], { expiresAt: 5000 }, saved(0, {}, { expiresAt: 5000 }))
      .load('b', [20, 21], record(0)),
    'nothing lost',
  ],
  ['it is absent, neither expired nor deleted', Story.begun().load('a', [10, 11]), 'nothing lost'],
  ['a listing leaves it out', Story.begun().list('a', [10, 20], {}), 'nothing lost'],
]

export const torn: Case[] = [
  ['it holds a value that nobody saved', Story.begun().load('a', [10, 11], record(0, { x: 'b' })), 'whole'],
  [
    'it holds a value under a name that it was not saved under',
    Story.begun()
      .save('k', [10, 20, 'killed'], 'x')
      .load('a', [30, 31], record(1, { y: 'k' })),
    'whole',
  ],
  [
    'it holds a value of a save that was refused',
    Story.begun()
      .save('a', [10, 11], 'x', conflict(0), 7)
      .load('b', [20, 21], record(1, { x: 'a' })),
    'whole',
  ],
  [
    'it holds a value of a save that failed',
    Story.begun()
      .save('a', [10, 11], 'x', failed())
      .load('b', [20, 21], record(1, { x: 'a' })),
    'whole',
  ],
  [
    'one version has two contents',
    Story.begun()
      .save('k', [5, 6, 'killed'], 'x')
      .load('a', [10, 11], record(0))
      .load('b', [10, 11], record(0, { x: 'k' })),
    'whole',
  ],
  [
    'it expires when nobody said so',
    Story.begun().load('a', [10, 11], record(0, {}, { expiresAt: 77 })),
    'whole',
  ],
  [
    'it expires when somebody says so only later',
    Story.begun()
      .load('a', [10, 11], record(0, {}, { expiresAt: 5000 }))
      .save('b', [20, 21], { expiresAt: 5000 }, saved(0, {}, { expiresAt: 5000 })),
    'whole',
  ],
]

export const notOnce: Case[] = [
  [
    'two conditional saves naming one version went through',
    Story.begun()
      .save('a', [10, 13], 'x', saved(1, { x: 'a' }), 0)
      .save('b', [11, 12], 'x', saved(1, { x: 'b' }), 0),
    'exactly once',
  ],
  [
    'a conditional save went through on another version',
    Story.begun()
      .save('a', [10, 11], 'x', saved(1, { x: 'a' }))
      .save('b', [20, 21], 'x', saved(2, { x: 'b' }), 0),
    'exactly once',
  ],
  [
    'a conditional touch went through on another version',
    Story.begun().save('a', [10, 11], { expiresAt: 5000 }, saved(0, {}, { expiresAt: 5000 }), 3),
    'exactly once',
  ],
  [
    'it was created twice',
    Story.begun().create('a', [10, 11], created).load('b', [20, 21], record(0)),
    'exactly once',
  ],
  ['a key that nobody had used was taken', new Story().create('a', [10, 11], taken), 'exactly once'],
]

export const outOfOrder: Case[] = [
  [
    'a load is older than what had been acknowledged before it',
    Story.begun()
      .save('a', [10, 11], 'x', saved(1, { x: 'a' }))
      .load('b', [20, 21], record(0)),
    'in order of time',
  ],
  [
    'a load is older than what somebody else had seen before it',
    Story.begun()
      .save('k', [10, 50, 'killed'], 'x')
      .load('a', [20, 21], record(1, { x: 'k' }))
      .load('b', [30, 31], record(0)),
    'in order of time',
  ],
  [
    'a load sees a change before it was begun',
    Story.begun()
      .load('a', [10, 11], record(1, { x: 'b' }))
      .save('b', [20, 21], 'x', saved(1, { x: 'b' })),
    'in order of time',
  ],
  [
    'a load sees the change of a process before that began it, and was killed',
    Story.begun()
      .load('a', [10, 11], record(1, { x: 'k' }))
      .save('k', [20, 30, 'killed'], 'x'),
    'in order of time',
  ],
  [
    'a load sees a later version than had been begun',
    Story.begun()
      .save('a', [10, 11], 'x', saved(1, { x: 'a' }))
      .load('b', [20, 21], record(2, { x: 'a' }))
      .save('c', [30, 31], { delete: ['z'] }, saved(2, { x: 'a' })),
    'in order of time',
  ],
]

export const back: Case[] = [
  [
    'it is loaded after a delete',
    Story.begun().delete('a', [10, 11], deleted).load('b', [20, 21], record(0)),
    'gone is gone',
  ],
  [
    'a save goes through after a delete',
    Story.begun()
      .delete('a', [10, 11], deleted)
      .save('b', [20, 21], 'x', saved(1, { x: 'b' })),
    'gone is gone',
  ],
  [
    'a conflict shows it after a delete',
    Story.begun().delete('a', [10, 11], deleted).save('b', [20, 21], 'x', conflict(0), 7),
    'gone is gone',
  ],
  [
    'it exists after a delete',
    Story.begun().delete('a', [10, 11], deleted).exists('b', [20, 21], 'there'),
    'gone is gone',
  ],
  [
    'a listing meets it after a delete',
    Story.begun()
      .delete('a', [10, 11], deleted)
      .list('b', [20, 30], { session: record(0) }),
    'gone is gone',
  ],
  [
    'it is found after somebody saw that it had expired',
    Story.begun(50)
      .save('a', [45, 70], { expiresAt: 9000 }, saved(0, {}, { expiresAt: 9000 }))
      .load('b', [55, 56])
      .load('c', [80, 81], record(0, {}, { expiresAt: 9000 })),
    'gone is gone',
  ],
  [
    'it was deleted twice',
    Story.begun().delete('a', [10, 14], deleted).delete('b', [11, 13], deleted),
    'gone is gone',
  ],
]

export const fromNowhere: Case[] = [
  [
    'a save created it',
    new Story().save('a', [10, 11], 'x', saved(0, { x: 'a' })),
    'never created by a save',
  ],
  [
    'it was there before it was created',
    new Story().exists('a', [1, 2], 'there').create('made', [10, 11], created),
    'never created by a save',
  ],
  [
    'it was there though its creation was refused',
    new Story().create('a', [1, 9], taken).create('b', [2, 8], taken).exists('c', [20, 21], 'there'),
    'never created by a save',
  ],
  [
    'a listing meets a session that nobody created',
    Story.begun().list('a', [10, 20], { session: record(0), other: record(0) }),
    'never created by a save',
  ],
]

export const expired: Case[] = [
  [
    'it is found after it expired',
    Story.begun(50).load('a', [50, 51], record(0, {}, { expiresAt: 50 })),
    'expiry',
  ],
  ['it exists after it expired', Story.begun(50).exists('a', [60, 61], 'there'), 'expiry'],
  [
    'a save goes through after it expired',
    Story.begun(50).save('a', [60, 61], 'x', saved(1, { x: 'a' }, { expiresAt: 50 })),
    'expiry',
  ],
  [
    'a touch revives it after it expired',
    Story.begun(50).save('a', [60, 61], { expiresAt: 9000 }, saved(0, {}, { expiresAt: 9000 })),
    'expiry',
  ],
  [
    'it is deleted, as if it were there, after it expired',
    Story.begun(50).delete('a', [60, 61], deleted),
    'expiry',
  ],
]

export const badErrors: Case[] = [
  [
    'an error of the system itself',
    Story.begun().save('a', [10, 11], 'x', failed({ ours: false })),
    'errors are typed',
  ],
  [
    'an error without a cause',
    Story.begun().save('a', [10, 11], 'x', failed({ cause: '' })),
    'errors are typed',
  ],
  [
    'an error that names the session',
    Story.begun().save('a', [10, 11], 'x', failed({ leaks: true })),
    'errors are typed',
  ],
  [
    'an error that has no business there',
    Story.begun().save('a', [10, 11], 'x', failed({ code: 'UNTORN_MISUSE' })),
    'errors are typed',
  ],
  ['an answer that took too long', Story.begun().load('a', [10, 600], record(0)), 'nobody stuck'],
  [
    'no answer until its process was killed, long after',
    Story.begun().save('a', [10, 600, 'killed'], 'x'),
    'nobody stuck',
  ],
]
