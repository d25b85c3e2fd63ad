"""Makes the files of test/classify/fixtures with NumPy: python3 test/classify/make_fixtures.py. Made with Python 3 and the NumPy that it prints."""
import collections, io, json, os, pickle
import numpy as np

here = os.path.join(os.path.dirname(__file__), 'fixtures')
print(np.__version__)
X = np.array([[5, 5, 7], [5, 9, 7], [300, 5, 5], [70000, 9, 9]])
y = np.array([0, 1, 0, 1])


def archive(name, change=lambda a: a, labels=lambda a: a, save=np.savez):
    save(os.path.join(here, name), X_train=change(X), y_train=labels(y), X_test=change(X[:2]), y_test=labels(y[:2]))


archive('plain.npz')
archive('packed.npz', save=np.savez_compressed)
archive('fortran.npz', np.asfortranarray)
archive('big-endian.npz', lambda a: a.astype('>i4'), lambda a: a.astype(bool))
archive('floats.npz', lambda a: a.astype('<f8'), lambda a: a.astype('f2').reshape(-1, 1))
archive('objects.npz', lambda a: a.astype(object))
archive('shorts.npz', lambda a: np.minimum(a, 65535).astype('<u2'), lambda a: a.astype('i1'))

templates = {5: 'session opened for <user>', 7: 'closed', 9: 'failed, twice', 300: '=1+1'}


def kept(name, value, protocol):
    with open(os.path.join(here, name), 'wb') as file:
        pickle.dump(value, file, protocol=protocol)


for protocol in range(6):
    kept(f'templates-{protocol}.pkl', templates, protocol)
kept('reverse.pkl', {text: np.int64(id) for id, text in templates.items()}, 4)
kept('list.pkl', list(templates.values()), 4)
for protocol in (2, 4, 5):
    kept(f'arrays-{protocol}.pkl', {'ids': np.array([[1, 2], [3, 4]], dtype='>i2'), 'x': np.asfortranarray([[1.5, 2], [3, 4]])}, protocol)
kept('object-array.pkl', np.array(['a', None], dtype=object), 4)
kept('counter.pkl', collections.Counter('aab'), 4)


class Calls:
    def __reduce__(self):
        return (os.system, ('echo ran > surprisal-pickle-ran',))


kept('calls.pkl', {5: Calls()}, 4)
kept('calls-0.pkl', {5: Calls()}, 0)
