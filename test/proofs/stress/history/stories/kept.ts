import { conflict, failed, record, Story, saved, tag } from './story.ts'

const created = { is: 'created' } as const
const taken = { is: 'taken' } as const
const gone = { is: 'gone' } as const
const deleted = { is: 'deleted' } as const
const none = { is: 'none' } as const

/** Histories as they may be. */
export const kept: [name: string, story: Story][] = [
  [
    'saves, loads and a delete, one after another',
    Story.begun()
      .save('a', [10, 11], 'x', saved(1, { x: 'a' }))
      .load('b', [20, 21], record(1, { x: 'a' }))
      .save(
        'c',
        [30, 31],
        { set: { y: tag('c') }, delete: ['x'], owner: 'Ada' },
        saved(2, { y: 'c' }, { owner: 'Ada' }),
      )
      .save('d', [40, 41], { set: { y: tag('d') }, owner: null }, saved(3, { y: 'd' }))
      .list('e', [50, 60], { session: record(3, { y: 'd' }) })
      .delete('f', [70, 71], deleted)
      .load('g', [80, 81])
      .save('h', [90, 91], 'x', gone)
      .delete('i', [92, 93], none)
      .list('j', [94, 99], {}),
  ],
  [
    'of two saves at once, either may come first',
    Story.begun()
      .save('a', [10, 20], 'x', saved(2, { x: 'a', y: 'b' }))
      .save('b', [11, 19], 'y', saved(1, { y: 'b' })),
  ],
  [
    'a load at the same time as a save sees what was before, or what is after',
    Story.begun()
      .save('a', [10, 20], 'x', saved(1, { x: 'a' }))
      .load('b', [11, 13], record(0))
      .load('c', [14, 15], record(1, { x: 'a' })),
  ],
  [
    'of two conditional saves one conflicts, and goes through when it is tried again',
    Story.begun()
      .save('a', [10, 13], 'x', saved(1, { x: 'a' }), 0)
      .save('b', [11, 14], 'x', conflict(1, { x: 'a' }), 0)
      .save('c', [15, 16], 'x', saved(2, { x: 'c' }), 1),
  ],
  [
    'a save whose process was killed may have happened',
    Story.begun()
      .save('k', [10, 20, 'killed'], 'x')
      .save('a', [30, 31], 'y', saved(2, { x: 'k', y: 'a' })),
  ],
  [
    'and may not',
    Story.begun()
      .save('k', [10, 20, 'killed'], 'x')
      .save('a', [30, 31], 'y', saved(1, { y: 'a' })),
  ],
  [
    'and may have been replaced before anybody saw it',
    Story.begun()
      .save('k', [10, 20, 'killed'], 'x')
      .save('a', [30, 31], 'x', saved(2, { x: 'a' })),
  ],
  [
    'several of them in any order, between and after others',
    Story.begun()
      .save('k1', [10, 20, 'killed'], 'x')
      .save('k2', [10, 20, 'killed'], 'y')
      .save('k3', [10, 20, 'killed'], { set: { x: tag('k3'), y: tag('k3') } })
      .save('k4', [10, 20, 'killed'], 'z')
      .save('a', [15, 16], 'w', saved(3, { x: 'k3', y: 'k2', w: 'a' }))
      .load('b', [30, 31], record(4, { x: 'k1', y: 'k2', w: 'a' })),
  ],
  [
    'one that was seen later has its place there, and another has the place before',
    Story.begun()
      .save('k1', [10, 40, 'killed'], 'x')
      .save('k2', [11, 20, 'killed'], 'x')
      .save('a', [21, 22], 'x', saved(2, { x: 'a' }))
      .load('b', [50, 51], record(3, { x: 'k1' })),
  ],
  [
    'a conditional save whose process was killed has its own place',
    Story.begun()
      .save('k', [10, 20, 'killed'], 'x', undefined, 1)
      .save('a', [11, 12], 'x', saved(1, { x: 'a' }))
      .save('b', [30, 31], 'x', saved(3, { x: 'b' })),
  ],
  [
    'a delete whose process was killed may have happened',
    Story.begun().delete('k', [10, 20, 'killed']).load('a', [30, 31]).save('b', [40, 41], 'x', gone),
  ],
  [
    'and may not',
    Story.begun()
      .delete('k', [10, 20, 'killed'])
      .load('a', [30, 31], record(0))
      .delete('b', [40, 41], deleted),
  ],
  [
    'a creation whose process was killed may have happened',
    new Story().create('made', [10, 20, 'killed']).load('a', [30, 31], record(0)),
  ],
  [
    'and may not, and its key is taken all the same',
    new Story().create('made', [10, 20, 'killed']).create('a', [30, 31], taken).load('b', [40, 41]),
  ],
  [
    'and may be seen for the first time in a later version',
    new Story().create('made', [10, 20, 'killed']).save('a', [30, 31], 'x', saved(1, { x: 'a' })),
  ],
  [
    'of creations at the same time one takes the key',
    new Story()
      .create('a', [10, 15], taken)
      .create('made', [11, 16], created)
      .create('b', [12, 13], taken)
      .load('c', [20, 21], record(0)),
  ],
  [
    'a creation is under way when others look',
    new Story()
      .create('made', [10, 20], created)
      .load('a', [11, 12])
      .save('b', [13, 14], 'x', gone)
      .delete('c', [15, 16], none)
      .list('d', [9, 19], {})
      .load('e', [21, 22], record(0)),
  ],
  [
    'a touch makes no version, and touches at the same time come in any order',
    Story.begun()
      .save('a', [10, 20], { expiresAt: 7000 }, saved(0, {}, { expiresAt: 7000 }))
      .save('b', [11, 19], { expiresAt: 8000 }, saved(0, {}, { expiresAt: 8000 }))
      .load('c', [15, 16], record(0))
      .load('d', [30, 31], record(0, {}, { expiresAt: 7000 }))
      .save('e', [40, 41], 'x', saved(1, { x: 'e' }, { expiresAt: 7000 })),
  ],
  [
    'a touch whose process was killed may have happened, or not',
    Story.begun(100)
      .save('k', [10, 20, 'killed'], { expiresAt: 5000 })
      .load('a', [30, 31], record(0, {}, { expiresAt: 100 }))
      .load('b', [120, 121]),
  ],
  [
    'and may keep it',
    Story.begun(100)
      .save('k', [10, 20, 'killed'], { expiresAt: 5000 })
      .load('a', [120, 121], record(0, {}, { expiresAt: 5000 })),
  ],
  [
    'and may end it sooner',
    Story.begun().save('k', [10, 20, 'killed'], { expiresAt: 50 }).load('a', [60, 61]),
  ],
  [
    'it expires, and is gone',
    Story.begun(50)
      .load('a', [49, 52], record(0, {}, { expiresAt: 50 }))
      .exists('b', [49, 60], 'absent')
      .save('c', [70, 71], 'x', gone)
      .delete('d', [80, 81], none)
      .list('e', [90, 99], {}),
  ],
  [
    'it is touched just before it expires',
    Story.begun(50)
      .save('a', [49, 60], { expiresAt: 9000 }, saved(0, {}, { expiresAt: 9000 }))
      .load('b', [70, 71], record(0, {}, { expiresAt: 9000 })),
  ],
  ['a listing of another directory does not meet it', Story.begun().list('a', [10, 20], {}, 'elsewhere')],
  [
    'a listing leaves it out as expired, and a touch that began before keeps it',
    Story.begun(50)
      .save('a', [45, 80], { expiresAt: 9000 }, saved(0, {}, { expiresAt: 9000 }))
      .list('b', [60, 70], {})
      .load('c', [90, 91], record(0, {}, { expiresAt: 9000 })),
  ],
  [
    'it is touched and has expired before the answer is heard',
    Story.begun()
      .save('a', [10, 90], { expiresAt: 20 }, saved(0, {}, { expiresAt: 20 }))
      .load('b', [91, 92]),
  ],
  [
    'a save fails and changes nothing',
    Story.begun()
      .save('a', [10, 11], 'x', failed())
      .save('b', [20, 21], 'y', failed({ code: 'UNTORN_STORE_BUSY' }))
      .load('c', [30, 31], record(0)),
  ],
  ['an answer waits for a stopped process', Story.begun().load('a', [10, 900], record(0)).stop('a', 20, 850)],
]
