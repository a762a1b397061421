export const ITEMS = { tea: 'A tin of tea', cup: 'A cup', pot: 'A pot' }
