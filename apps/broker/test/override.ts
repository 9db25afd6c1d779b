/** `target` with some members replaced; the others stay its own. */
export function override<Target extends object>(target: Target, members: Partial<Target>): Target {
  return new Proxy(target, {
    get: (self, name) => {
      if (Object.hasOwn(members, name)) return members[name as keyof Target];
      const value: unknown = Reflect.get(self, name, self);
      return typeof value === 'function' ? (value.bind(self) as unknown) : value;
    },
  });
}
